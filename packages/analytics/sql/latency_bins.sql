-- Reads  steps.
-- Gives  how many messages took how long, by step and lane, in ten bins for each power of ten: bin n holds times from
--        10^(n/10) ms up to, and without, 10^((n+1)/10) ms; bin -1 those below 1 ms.
--
-- A whole number of ms lies on the edge of a bin only at powers of ten, and there a logarithm may come out a little low.
WITH binned AS (
  SELECT
    step,
    lane,
    CASE WHEN took_ms < 1 THEN -1 ELSE CAST(floor(10 * log10(took_ms) + 0.000000001) AS INTEGER) END AS bin
  FROM steps
)
SELECT step, grouping(lane) AS all_lanes, lane, bin, count(*) AS messages
FROM binned
GROUP BY GROUPING SETS ((step, bin), (step, lane, bin))
