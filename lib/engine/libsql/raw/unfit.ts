/** A page or a row that is not read raw: the database itself is then asked for the table's rows. */
export class Unfit extends Error {
	override readonly name = 'Unfit';
}
