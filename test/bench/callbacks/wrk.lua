-- Unique signed callbacks for wrk: `wrk -s wrk.lua URL -- TOKENS_FILE RUN`, one thread. Each token of the file is used
-- in turn, each session id once; RUN, eight hexadecimal digits, begins them all. Prints one line of JSON at the end.

local tokens = {}
local run
local made = 0

function init(args)
  for token in io.lines(args[1]) do
    tokens[#tokens + 1] = token
  end
  run = args[2]
end

function request()
  local n = made
  made = made + 1
  return string.format(
    "GET /callbacks/%s?session_id=%s-0000-4000-8000-%012x&status=%d HTTP/1.1\r\nhost: localhost\r\n\r\n",
    tokens[n % #tokens + 1], run, n, n % 3 + 1)
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"ok":%d,"other":%d,"errors":%d,"seconds":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"p999Ms":%.3f,"maxMs":%.3f}\n',
    summary.requests - errors.status, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, latency.max / 1e3))
end
