-- Records what every rule said of an event and creates its runs, in one step.
-- Keeps true: an event is dispatched once; it leaves `due` as its runs enter it; a rule's body is kept
-- for as long as a run may need it. A single run is handed to the worker that dispatched it, unless
-- something more urgent may be waiting. What
-- was found by comparing with the memory of a record is kept with the event, and the memory moves on
-- in the same step, if it is still the one that was compared with: of two events of one record, one
-- is compared with what the other has left.
-- ARGV: event, token, token for a single run, lease ms, grace ms, short queue length, verdicts (JSON),
-- number of runs, number of rule bodies, record ('' = nothing is remembered), its memory as found, its
-- memory from now on, what was found (JSON), lifetime of the memory ms, "1" = some rule has a
-- priority: a single run waits its turn, then hash, body per rule, then id, fields (JSON), what
-- `admit` is asked (JSON) per run.
-- Returns {-1} (no longer the holder), {-2} (another memory than was found) or {1 = the single run is
-- the worker's, runs to ring for, rules whose owner is to be told of their limit}.
local event, token = ARGV[1], ARGV[2]
if not owns(event, token) then return {-1} end
local memory = K.memory .. ARGV[10]
if ARGV[10] ~= '' and (redis.call('GET', memory) or '') ~= ARGV[11] then return {-2} end
local now = now_ms()
local stamp = string.format('%.0f', now)
local key = K.event .. event
local runs, rules = tonumber(ARGV[8]), tonumber(ARGV[9])
local at = 16
-- read before anything is written: a script that fails midway is not undone
local created = {}
for n = 1, runs do
  local first = at + 2 * rules + 3 * (n - 1)
  created[n] = {ARGV[first], cjson.decode(ARGV[first + 1]), cjson.decode(ARGV[first + 2])}
end
if ARGV[10] ~= '' then
  redis.call('SET', memory, ARGV[12], 'PX', ARGV[14])
  redis.call('HSET', key, 'before', ARGV[13])
end
for _ = 1, rules do
  redis.call('SETNX', K.rule .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('HSET', key, 'verdicts', ARGV[7], 'dispatched_at', stamp, 'total', 0, 'open', 0,
  'dead', 0, 'skipped', 0, 'claim', '', 'ready', 0, 'reason', '')
no_more(event)
if ARGV[15] == '1' then redis.call('SET', K.prioritised, '1', 'PX', 86400000) end
local room = tonumber(ARGV[6]) - redis.call('LLEN', K.queue)
local ids, rung, told, handed = {}, {}, {}, 0
for n = 1, runs do
  local id, fields, asked = unpack(created[n])
  ids[n] = id
  if create(id, event, fields, asked, now, told) == 'go' then
    if runs == 1 and (ARGV[15] ~= '1' or fields.priority == 'high' or not next_due(now)) then
      redis.call('HSET', K.run .. id, 'claim', ARGV[3], 'ready', 0, 'state', 'working')
      look_again(id, now + tonumber(ARGV[4]))
      handed = 1
    elseif #rung < room and runs > 1 then
      rung[#rung + 1] = id
      look_again(id, now + tonumber(ARGV[5]))
    else
      look_again(id, now)
    end
  end
end
redis.call('HSET', key, 'runs', table.concat(ids, ' '))
settle(event)
return {handed, rung, told}
