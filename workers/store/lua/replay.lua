-- Brings a dead letter back to life: what is done stays done, what is left is tried again.
-- Keeps true: only what is dead is replayed, once per request; it leaves the dead letters as it
-- enters `due`; the counts follow.
-- ARGV: id, steps (JSON, '' for an event), who. Returns 1, or 0 when it is not a dead letter.
local id = ARGV[1]
if redis.call('ZREM', K.dead, id) == 0 then return 0 end
local key = key_of(id)
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
