-- Lets one worker try whether a destination works again that the circuit has put on hold.
-- Keeps true: one probe at a time over all workers, each later than the one before by the next of the
-- waits; what a person has put on hold is never probed.
-- ARGV: destination, waits between probes in ms, each one an argument.
-- Returns since when the hold is, or '' where there is nothing to probe now.
local text, now = redis.call('HGET', K.holds, ARGV[1]), now_ms()
if not text then return '' end
-- some texts that Python writes cjson does not read: none of them is the circuit's
local read, hold = pcall(cjson.decode, text)
if not (read and hold.probe_at) or tonumber(hold.probe_at) > now then return '' end
local probes = tonumber(hold.probes) + 1
hold.probes = string.format('%.0f', probes)
hold.probe_at = string.format('%.0f', now + tonumber(ARGV[math.min(probes + 2, #ARGV)]))
redis.call('HSET', K.holds, ARGV[1], cjson.encode(hold))
return hold.since
