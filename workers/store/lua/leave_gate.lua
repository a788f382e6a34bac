-- A call that passed the gate is over.
-- Keeps true: what had an answer had arrived by then, so its token is free a window from now at the
-- latest, and what was never sent gives it back; each call counts once; the circuit opens where, of
-- enough calls within its span, half or more were bad, or as many in a row, however long each took; a
-- hold that is there already stays.
-- ARGV: destination, call id, "answered" | "sent" | "unsent", window ms, places, good | bad | unclear,
-- "<call> <kind>" for the count ('' = none), ms for which nothing may be sent, span s, calls enough,
-- ms until the first probe, since (ISO 8601), why (with {bad} and {all}), s a row lasts from one call
-- to the next, why where it is a row (with {row}), "1" where a worker is to be left free.
-- Returns 1, 2 where this call has opened the circuit, or 0 for a call that is over already.
local call = ARGV[2]
if redis.call('ZREM', FLYING, call) == 0 then return 0 end
local now = now_ms()
local was_full = redis.call('ZCARD', FLYING) + 1 >= places_of(tonumber(ARGV[5]), ARGV[16])
if ARGV[3] == 'unsent' then
  redis.call('ZREM', TOKENS, call)
elseif ARGV[3] == 'answered' then
  local free = tonumber(redis.call('ZSCORE', TOKENS, call) or 0)
  redis.call('ZADD', TOKENS, 'XX', stamp_of(math.min(free, now + tonumber(ARGV[4]) + 1)), call)
end
if ARGV[7] ~= '' then redis.call('HINCRBY', K.gate_calls, ARGV[1] .. ' ' .. ARGV[7], 1) end
local closed = now + tonumber(ARGV[8])
if closed > now and closed > tonumber(redis.call('GET', CLOSED) or 0) then
  redis.call('SET', CLOSED, stamp_of(closed), 'PX', ARGV[8])
end
if was_full or ARGV[3] == 'unsent' or is_next(call) then wake_first() end
if ARGV[6] == 'unclear' then return 1 end

local health, second, span = K.gate_health .. ARGV[1], math.floor(now / 1000), tonumber(ARGV[9])
redis.call('HINCRBY', health, stamp_of(second) .. ' ' .. ARGV[6], 1)
redis.call('EXPIRE', health, ARGV[14])
-- the clock does not count: calls that wait for an answer in vain are few within any span
local row = 0
if ARGV[6] == 'bad' then row = redis.call('HINCRBY', health, 'row', 1) else redis.call('HDEL', health, 'row') end
local number, counted = {good = 0, bad = 0}, redis.call('HGETALL', health)
for i = 1, #counted, 2 do
  local at, how = string.match(counted[i], '^(%d+) (%a+)$')
  -- what is from later than now was counted before the clock was set back
  if at and (tonumber(at) <= second - span or tonumber(at) > second) then redis.call('HDEL', health, counted[i])
  elseif at then number[how] = number[how] + tonumber(counted[i + 1]) end
end
local all, enough = number.good + number.bad, tonumber(ARGV[10])
local many = all >= enough and number.bad * 2 >= all
if ARGV[6] ~= 'bad' or not (many or row >= enough) then return 1 end
local why = string.gsub(string.gsub(ARGV[13], '{bad}', number.bad), '{all}', all)
if not many then why = string.gsub(ARGV[15], '{row}', row) end
local opened = redis.call('HSETNX', K.holds, ARGV[1], cjson.encode({
  reason = why, by = 'usher', since = ARGV[12], probes = '0',
  probe_at = stamp_of(now + tonumber(ARGV[11])),
}))
if opened == 0 then return 1 end
tell_of_hold('hold', ARGV[1], 'usher', why)
return 2
