-- Chooses what to ring for: due work, as far as RQ's queue is short.
-- Keeps true: what is rung for stays in `due`, a grace ahead, so that a lost ring is rung again; it
-- may be claimed at once. What is urgent is rung for first. A backlog makes no more jobs than the short queue holds.
-- ARGV: grace ms, short queue length. Returns the ids.
local now = now_ms()
local room = tonumber(ARGV[2]) - redis.call('LLEN', K.queue)
if room <= 0 then return {} end
local ids = {}
for n = 1, room do
  local id = next_due(now)
  if not id then break end
  local key = key_of(id)
  local claim = redis.call('HGET', key, 'claim')
  if claim and claim ~= '' then redis.call('HINCRBY', key, 'takeovers', 1) end
  redis.call('HSET', key, 'claim', '', 'ready', 1)
  look_again(id, now + tonumber(ARGV[1]))
  ids[n] = id
end
return ids
