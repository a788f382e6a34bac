-- Brings a dead letter back to life: what is done stays done, what is left is tried again.
-- Keeps true: only what is dead is replayed, once per request; it leaves the dead letters as it
-- enters `due`; the counts follow. A run that goes on with another rule gets its body, and forgets what
-- belongs to the old one, in the same step.
-- ARGV: id, steps (JSON, '' for an event), who; with another rule also: how often the run had been
-- replayed when that was decided, hash, body, number of fields to drop, number of look-ups to forget,
-- the fields, the look-ups, then field, value of what is new. Returns 1, or 0 when it is not a dead
-- letter (any more, or has lived since).
local id = ARGV[1]
local key = key_of(id)
if ARGV[4] and redis.call('HGET', key, 'replays') ~= ARGV[4] then return 0 end
if redis.call('ZREM', K.dead, id) == 0 then return 0 end
if ARGV[4] then
  redis.call('SETNX', K.rule .. ARGV[5], ARGV[6])
  local at = 9
  for _ = 1, tonumber(ARGV[7]) do
    redis.call('HDEL', key, ARGV[at])
    at = at + 1
  end
  for _ = 1, tonumber(ARGV[8]) do
    redis.call('HDEL', K.looked .. id, ARGV[at])
    at = at + 1
  end
  for n = at, #ARGV, 2 do redis.call('HSET', key, ARGV[n], ARGV[n + 1]) end
end
redis.call('HSET', key, 'ready', 1, 'claim', '', 'takeovers', 0, 'reason', 'replayed by ' .. ARGV[3])
redis.call('HINCRBY', key, 'replays', 1)
look_again(id, now_ms())
if string.sub(id, 1, 4) == 'evt_' then
  redis.call('HSET', key, 'failed', 0, 'failures', 0)
  settle(id)
else
  local event = redis.call('HGET', key, 'event')
  redis.call('HSET', key, 'state', 'ready', 'steps', ARGV[2], 'finished_at', '')
  redis.call('HINCRBY', K.event .. event, 'open', 1)
  redis.call('HINCRBY', K.event .. event, 'dead', -1)
  settle(event)
end
return 1
