-- Functions that the other files use and that Spark (4.0 or later) lacks, or has under another name than DuckDB; see
-- duckdb.sql. Run once for each session, a statement at a time, before the other files. The session's time zone must be
-- UTC (spark.sql.session.timeZone).
CREATE OR REPLACE TEMPORARY FUNCTION replace_all(text STRING, pattern STRING, substitute STRING) RETURNS STRING
  RETURN regexp_replace(text, pattern, substitute);
CREATE OR REPLACE TEMPORARY FUNCTION map_entry(entry_key STRING, entry_value STRING)
  RETURNS STRUCT<entry_key: STRING, entry_value: STRING>
  RETURN named_struct('entry_key', entry_key, 'entry_value', entry_value);
CREATE OR REPLACE TEMPORARY FUNCTION no_metadata() RETURNS MAP<STRING, STRING>
  RETURN CAST(map() AS MAP<STRING, STRING>);
