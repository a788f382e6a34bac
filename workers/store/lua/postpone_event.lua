-- An event that could not be dispatched: looked at again later, or given up as a dead letter.
-- Keeps true: it stays in `due`, or it is dead; never neither.
-- ARGV: event, token, delay ms ('' = give up), reason, failures to add (0: it was nobody's fault). Returns 1, or 0 when no longer the holder.
local event, token = ARGV[1], ARGV[2]
if not owns(event, token) then return 0 end
local key, now = K.event .. event, now_ms()
redis.call('HSET', key, 'claim', '', 'ready', 0, 'takeovers', 0, 'reason', ARGV[4])
redis.call('HINCRBY', key, 'failures', ARGV[5])
if ARGV[3] ~= '' then
  look_again(event, now + tonumber(ARGV[3]))
else
  no_more(event)
  redis.call('ZADD', K.dead, string.format('%.0f', now), event)
  redis.call('HSET', key, 'failed', 1)
end
settle(event)
return 1
