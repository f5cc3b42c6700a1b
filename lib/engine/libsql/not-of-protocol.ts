/** An answer that says it is one, and is not of the protocol: half of it, or another server's page. */
export class NotOfProtocol extends Error {
	override readonly name = 'NotOfProtocol';
}
