-- Opens a destination again: every run that waits for it is looked at now.
-- Keeps true: a held run keeps its one entry in `due`; only its time moves. One that is parked by now
-- keeps its time as well. What was counted against the destination is forgotten, and a pause it asked
-- for is over; a log-in that was just refused may be made again. The history tells of it.
-- ARGV: destination, '' or since when the circuit's hold is: that one alone is then ended, who, why.
-- Returns {1 | 0 whether it was on hold, number of runs freed}.
local held = K.held .. ARGV[1]
if ARGV[2] ~= '' then
  local text = redis.call('HGET', K.holds, ARGV[1])
  local read, hold = pcall(cjson.decode, text or '{}')
  if not (read and hold.probe_at and hold.since == ARGV[2]) then return {0, 0} end
else
  redis.call('DEL', K.gate_closed .. ARGV[1])
  local account = ARGV[1] == 'coursebox' and DEFAULT or string.match(ARGV[1], '^coursebox:([^/]+)$')
  if account then redis.call('DEL', K.login_refused .. account) end
end
redis.call('DEL', K.gate_health .. ARGV[1])
local was = redis.call('HDEL', K.holds, ARGV[1])
if was == 1 then tell_of_hold('release', ARGV[1], ARGV[3], ARGV[4]) end
local now, freed = now_ms(), 0
for _, run in ipairs(redis.call('SMEMBERS', held)) do
  local f = redis.call('HMGET', K.run .. run, 'claim', 'parked')
  if redis.call('ZSCORE', K.due, run) and f[1] == '' and f[2] ~= '1' then
    look_again(run, now)
    freed = freed + 1
  end
end
redis.call('DEL', held)
return {was, freed}
