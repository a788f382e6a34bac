-- Makes a snapshot of rules the live one.
-- Keeps true: only the elected loader publishes; whoever reads the pointer finds the snapshot and all
-- its bodies; what was good at that moment is kept in the same step. A snapshot never changes. Of each
-- rule that is on no longer it is known since when, and its parked runs come up now: they will be
-- cancelled, whoever claims them.
-- ARGV: worker, document, version, text, rules, files, folder, commit, how many snapshots are kept,
-- number of bodies, number of good texts, ids of the rules that are on (JSON), then hash, body per rule, path, text per good file, and the
-- paths that are gone. Returns the generation, or -1 when the worker is not the loader.
local holder = redis.call('GET', K.rule_loader)
if not holder or string.sub(holder, 3) ~= ARGV[1] then return -1 end
local now = string.format('%.0f', now_ms())
local on = cjson.decode(ARGV[12])
local at = 13
for _ = 1, tonumber(ARGV[10]) do
  redis.call('SETNX', K.rule .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[11]) do
  redis.call('HSET', K.good_rules, ARGV[at], ARGV[at + 1])
  at = at + 2
end
for n = at, #ARGV do redis.call('HDEL', K.good_rules, ARGV[n]) end
local is_on = {}
for _, id in ipairs(on) do is_on[id] = true end
local switches = redis.call('HGETALL', K.switches)
for n = 1, #switches, 2 do
  local id, state = switches[n], switches[n + 1]
  if is_on[id] then
    is_on[id] = nil
    redis.call('HSET', K.switches, id, 'on ' .. string.match(state, '%d+'))
  elseif string.sub(state, 1, 3) == 'on ' then
    redis.call('HSET', K.switches, id, 'off ' .. now)
    for _, run in ipairs(redis.call('ZRANGEBYSCORE', K.limit .. id, '(' .. now, '+inf', 'LIMIT', 0, 10000)) do
      -- what a person has replayed is not cancelled, and keeps its turn
      local f = redis.call('HMGET', K.run .. run, 'parked', 'replays')
      if f[1] == '1' and f[2] == '0' then look_again(run, tonumber(now)) end
    end
  end
end
for id in pairs(is_on) do redis.call('HSET', K.switches, id, 'on 0') end
redis.call('HSET', K.switches, '', 'published')
local document = ARGV[2]
redis.call('SETNX', K.snapshot .. document, ARGV[4])
if redis.call('HGET', K.live_rules, 'document') == document then
  return tonumber(redis.call('HGET', K.live_rules, 'generation'))
end
local generation = redis.call('HINCRBY', K.live_rules, 'generation', 1)
redis.call('ZADD', K.snapshots, generation, document)
redis.call('HSET', K.live_rules, 'document', document, 'version', ARGV[3],
  'published_at', now, 'rules', ARGV[5], 'files', ARGV[6],
  'loader', ARGV[1], 'folder', ARGV[7], 'commit', ARGV[8])
local many = redis.call('ZCARD', K.snapshots) - tonumber(ARGV[9])
if many > 0 then
  for _, old in ipairs(redis.call('ZRANGE', K.snapshots, 0, many - 1)) do
    redis.call('DEL', K.snapshot .. old)
    redis.call('ZREM', K.snapshots, old)
  end
end
return generation
