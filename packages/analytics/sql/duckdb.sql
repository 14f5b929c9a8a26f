-- Functions that Spark has, or that spark.sql defines, and DuckDB calls otherwise. Run once for each connection, before
-- the other files. With them, and with these views, the same queries run in both:
--   status_events   made by the host from Parquet files or a topic: the columns of src/layout.ts, times as timestamps
--   statuses …      one view for each other file of this folder, named like it, in the order of src/query/views.ts
CREATE OR REPLACE TEMPORARY MACRO unix_millis(moment) AS epoch_ms(moment);
-- One row for each element of a list.
CREATE OR REPLACE TEMPORARY MACRO explode(list) AS unnest(list);
-- Replaces every match; Spark's regexp_replace does so by itself, DuckDB's only when it is told.
CREATE OR REPLACE TEMPORARY MACRO replace_all(text, pattern, substitute) AS
  regexp_replace(text, pattern, substitute, 'g');
-- What map_from_entries takes.
CREATE OR REPLACE TEMPORARY MACRO map_entry(entry_key, entry_value) AS row(entry_key, entry_value);
CREATE OR REPLACE TEMPORARY MACRO no_metadata() AS CAST(MAP {} AS MAP(VARCHAR, VARCHAR));
