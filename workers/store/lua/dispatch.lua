-- Records what every rule said of an event and creates its runs, in one step.
-- Keeps true: an event is dispatched once; it leaves `due` as its runs enter it; a rule's body is kept
-- for as long as a run may need it. A single run is handed to the worker that dispatched it. What
-- was found by comparing with the memory of a record is kept with the event, and the memory moves on
-- in the same step, if it is still the one that was compared with: of two events of one record, one
-- is compared with what the other has left.
-- ARGV: event, token, token for a single run, lease ms, grace ms, short queue length, verdicts (JSON),
-- number of runs, number of rule bodies, record ('' = nothing is remembered), its memory as found, its
-- memory from now on, what was found (JSON), lifetime of the memory ms, then hash, body per rule, then
-- id, fields (JSON) per run.
-- Returns -1 (no longer the holder), -2 (another memory than was found) or how many runs to ring for.
local event, token = ARGV[1], ARGV[2]
if not owns(event, token) then return -1 end
local memory = K.memory .. ARGV[10]
if ARGV[10] ~= '' and (redis.call('GET', memory) or '') ~= ARGV[11] then return -2 end
local now = now_ms()
local stamp = string.format('%.0f', now)
local key = K.event .. event
local runs, rules = tonumber(ARGV[8]), tonumber(ARGV[9])
local at = 15
-- read before anything is written: a script that fails midway is not undone
local decoded = {}
for n = 1, runs do decoded[n] = cjson.decode(ARGV[at + 2 * rules + 2 * n - 1]) end
if ARGV[10] ~= '' then
  redis.call('SET', memory, ARGV[12], 'PX', ARGV[14])
  redis.call('HSET', key, 'before', ARGV[13])
end
for _ = 1, rules do
  redis.call('SETNX', K.rule .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
local room = tonumber(ARGV[6]) - redis.call('LLEN', K.queue)
local ids = {}
for n = 1, runs do
  local id, fields = ARGV[at], decoded[n]
  at = at + 2
  local run = K.run .. id
  for name, value in pairs(fields) do redis.call('HSET', run, name, value) end
  redis.call('HSET', run, 'id', id, 'event', event, 'created_at', stamp, 'state', 'ready',
    'ready', 1, 'claim', '', 'takeovers', 0, 'replays', 0)
  redis.call('ZADD', K.runs, stamp, id)
  if runs == 1 then
    redis.call('HSET', run, 'claim', ARGV[3], 'ready', 0, 'state', 'working')
    look_again(id, now + tonumber(ARGV[4]))
  else
    look_again(id, n <= room and now + tonumber(ARGV[5]) or now)
  end
  ids[n] = id
end
redis.call('ZREM', K.due, event)
redis.call('HSET', key, 'verdicts', ARGV[7], 'dispatched_at', stamp, 'runs', table.concat(ids, ' '),
  'total', runs, 'open', runs, 'dead', 0, 'claim', '', 'ready', 0, 'reason', '')
settle(event)
return math.max(0, math.min(room, runs))
