-- Makes a run of each entry of a list that had to be looked up.
-- Keeps true: the run that looked leaves `due` as those made of it enter it, and counts for nothing
-- any more; what it was told stays with it, and they know it as their parent.
-- ARGV: run, token, grace ms, short queue length, reason, then id, fields (JSON), what `admit` is asked
-- (JSON) per run. Returns {-1} (no longer the holder), or {0, runs to ring for, rules whose owner is
-- to be told of their limit}.
local parent, token = ARGV[1], ARGV[2]
if not owns(parent, token) or not redis.call('ZSCORE', K.due, parent) then return {-1} end
local now = now_ms()
-- read before anything is written: a script that fails midway is not undone
local created = {}
for n = 6, #ARGV, 3 do
  created[#created + 1] = {ARGV[n], cjson.decode(ARGV[n + 1]), cjson.decode(ARGV[n + 2])}
end
local event = redis.call('HGET', K.run .. parent, 'event')
local room = tonumber(ARGV[4]) - redis.call('LLEN', K.queue)
-- replayed with another rule it may have a key that is now one of theirs
give_back(parent)
local ids, rung, told = {redis.call('HGET', K.event .. event, 'runs')}, {}, {}
for _, each in ipairs(created) do
  local id, fields, asked = unpack(each)
  ids[#ids + 1] = id
  if create(id, event, fields, asked, now, told) == 'go' then
    local ring = #rung < room
    if ring then rung[#rung + 1] = id end
    look_again(id, ring and now + tonumber(ARGV[3]) or now)
  end
end
redis.call('HSET', K.event .. event, 'runs', table.concat(ids, ' '))
redis.call('HSET', K.run .. parent, 'steps', '[]', 'prepare', '0', 'reason', ARGV[5])
end_run(parent, 'finished', now, true)
return {0, rung, told}
