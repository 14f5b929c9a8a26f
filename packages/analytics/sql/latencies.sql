-- Reads  steps.
-- Gives  exact percentiles by step and lane, and by step alone in the rows where all_lanes is 1. Between two neighbours
--        they are in proportion, as percentile_cont has it.
--
-- They are counted along the different times, of which there are far fewer than messages: percentile_cont holds every
-- message in memory.
WITH times AS (
  SELECT step, grouping(lane) AS all_lanes, lane, took_ms, count(*) AS messages
  FROM steps
  GROUP BY GROUPING SETS ((step, took_ms), (step, lane, took_ms))
),
counted AS (
  SELECT
    step,
    all_lanes,
    lane,
    took_ms,
    sum(messages) OVER (PARTITION BY step, all_lanes, lane ORDER BY took_ms) AS so_far,
    sum(messages) OVER (PARTITION BY step, all_lanes, lane) AS total
  FROM times
),
-- The two neighbours of each: the messages at the places floor and ceil of p * (total - 1), the first being at 0.
neighbours AS (
  SELECT
    step,
    all_lanes,
    lane,
    max(total) AS messages,
    min(CASE WHEN so_far > floor(0.50 * (total - 1)) THEN took_ms END) AS p50_low,
    min(CASE WHEN so_far > ceil(0.50 * (total - 1)) THEN took_ms END) AS p50_high,
    min(CASE WHEN so_far > floor(0.95 * (total - 1)) THEN took_ms END) AS p95_low,
    min(CASE WHEN so_far > ceil(0.95 * (total - 1)) THEN took_ms END) AS p95_high,
    min(CASE WHEN so_far > floor(0.99 * (total - 1)) THEN took_ms END) AS p99_low,
    min(CASE WHEN so_far > ceil(0.99 * (total - 1)) THEN took_ms END) AS p99_high
  FROM counted
  GROUP BY step, all_lanes, lane
)
SELECT
  step,
  all_lanes,
  lane,
  CAST(messages AS BIGINT) AS messages,
  CAST(p50_low + (p50_high - p50_low) * (0.50 * (messages - 1) - floor(0.50 * (messages - 1))) AS DOUBLE) AS p50_ms,
  CAST(p95_low + (p95_high - p95_low) * (0.95 * (messages - 1) - floor(0.95 * (messages - 1))) AS DOUBLE) AS p95_ms,
  CAST(p99_low + (p99_high - p99_low) * (0.99 * (messages - 1) - floor(0.99 * (messages - 1))) AS DOUBLE) AS p99_ms
FROM neighbours
