-- Reads  journeys.
-- Gives  how many messages came how far, in a row with dimension null for all of them and one for each value of lane,
--        template_name and source (value null where it is not known).
--
-- requested >= accepted >= sent >= delivered >= read, and requested = delivered + failed + open.
SELECT
  CASE
    WHEN grouping(lane) = 0 THEN 'lane'
    WHEN grouping(template_name) = 0 THEN 'template_name'
    WHEN grouping(source) = 0 THEN 'source'
  END AS dimension,
  CASE
    WHEN grouping(lane) = 0 THEN lane
    WHEN grouping(template_name) = 0 THEN template_name
    WHEN grouping(source) = 0 THEN source
  END AS value,
  count(*) AS requested,
  count(accepted_at) AS accepted,
  count(sent_at) AS sent,
  count(delivered_at) AS delivered,
  count(read_at) AS read,
  count(CASE WHEN failed THEN 1 END) AS failed,
  count(CASE WHEN NOT closed THEN 1 END) AS open,
  count(CASE WHEN charged THEN 1 END) AS charged
FROM journeys
GROUP BY GROUPING SETS ((), (lane), (template_name), (source))
