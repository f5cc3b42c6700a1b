/*
 * What SQL of a schema may call. A test asks the real engine for all that it offers: each function and module of it has
 * to stand either among those that are harmless, or, with its reason, among those that act.
 */

const words = (text: string) => text.trim().split(/\s+/);

/** Functions that do nothing but compute, up to SQLite 3.51; names in lower case. */
export const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set([
	// sqlite.org/lang_corefunc.html
	...words(`-> ->> abs changes char coalesce concat concat_ws format glob hex if ifnull iif instr
		last_insert_rowid length like likelihood likely lower ltrim max min nullif octet_length printf quote random
		randomblob replace round rtrim sign soundex sqlite_compileoption_get sqlite_compileoption_used sqlite_offset
		sqlite_source_id sqlite_version substr substring subtype total_changes trim typeof unhex unicode unistr
		unistr_quote unlikely upper zeroblob`),
	// Dates, mathematics, aggregates, windows
	...words(`current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch
		acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
		radians sin sinh sqrt tan tanh trunc
		avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total
		cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`),
	// JSON
	...words(`json json_array json_array_insert json_array_length json_error_position json_extract json_group_array
		json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set
		json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object
		jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set`),
	// Full text search, R-trees, polygons
	...words(`bm25 fts5_get_locale fts5_insttoken fts5_locale fts5_source_id highlight match matchinfo offsets optimize
		snippet rtreecheck rtreedepth rtreenode geopoly_area geopoly_bbox geopoly_blob geopoly_ccw geopoly_contains_point
		geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular geopoly_svg geopoly_within
		geopoly_xform`),
	// libSQL's own
	...words(`last_rows_affected libsql_server_database_name libsql_vector_idx vector vector16 vector1bit vector32
		vector64 vector8 vector_distance_cos vector_distance_l2 vector_extract vectorb16`),
	// Extensions that libSQL is built with; its `regexp` takes linear time
	...words(`atn2 charindex cot coth difference leftstr lower_quartile mode padc padl padr proper regexp regexpi
		replicate reverse rightstr sha3 sqlite3mc_version square stdev strfilter upper_quartile uuid uuid_blob uuid_str
		variance`),
]);

/** Functions of libSQL that act, or give away what is not in the database, and why; any unknown one is as foreign. */
export const ACTING_FUNCTIONS: Readonly<Record<string, string>> = {
	fts3_tokenizer: 'takes an address of machine code to run',
	fts5: "hands out FTS5's interface",
	load_extension: 'runs machine code of a file',
	lsmode: 'belongs with fsdir',
	readfile: 'reads any file',
	sha3_query: 'runs SQL that it is given as text',
	sqlite3mc_codec_data: 'reads the salts of encryption',
	sqlite3mc_config: 'sets how files are encrypted',
	sqlite3mc_config_table: 'sets how files are encrypted',
	sqlite_crypt: 'belongs with the passwords of user authentication',
	sqlite_log: "writes into the process's log",
	writefile: 'writes any file',
};

/** Table-valued functions that do nothing but compute or describe the schema. */
export const HARMLESS_TABLE_FUNCTIONS: ReadonlySet<string> = new Set(
	words(`generate_series json_each json_tree jsonb_each jsonb_tree vector_top_k`),
);

/** Modules that a virtual table may be of: those whose tables hold their data in the database. */
export const HARMLESS_MODULES: ReadonlySet<string> = new Set(
	words('fts3 fts4 fts4aux fts5 fts5vocab geopoly rtree rtree_i32'),
);

/** Modules of libSQL that act, or give away what is not in the database, and why; any unknown one is as foreign. */
export const ACTING_MODULES: Readonly<Record<string, string>> = {
	carray: 'reads memory by an address',
	dbstat: 'reads every page of the file',
	fsdir: 'reads folders and files',
	fts3tokenize: 'starts a tokenizer by its name',
	sqlite_dbpage: "reads and writes the file's pages",
	sqlite_stmt: "shows other statements' SQL",
};

/** Pragmas that describe: they may be used as `pragma_NAME` in a query as well. */
export const DESCRIBING_PRAGMAS: ReadonlySet<string> = new Set(
	words(`application_id collation_list compile_options data_version database_list encoding foreign_key_check
		foreign_key_list foreign_keys freelist_count function_list index_info index_list index_xinfo integrity_check
		module_list page_count page_size pragma_list quick_check schema_version table_info table_list table_xinfo
		user_version`),
);

/** Pragmas that a script may set: they concern its own connection, or the file that it fills. */
export const HARMLESS_PRAGMAS: ReadonlySet<string> = new Set([
	...DESCRIBING_PRAGMAS,
	// `writable_schema` stands in every dump with a virtual table; what is then written is looked at by itself.
	...words(`analysis_limit auto_vacuum automatic_index busy_timeout cache_size case_sensitive_like cell_size_check
		count_changes defer_foreign_keys ignore_check_constraints incremental_vacuum journal_mode journal_size_limit
		legacy_alter_table legacy_file_format locking_mode mmap_size optimize query_only read_uncommitted
		recursive_triggers reverse_unordered_selects secure_delete shrink_memory synchronous temp_store threads
		wal_autocheckpoint wal_checkpoint writable_schema`),
]);
