-- Notes that an invitation is about to leave.
-- Keeps true: nobody is invited to the same course twice within the time set; who has noted it may go
-- on with it, so that a worker that died before it sent, or this script run twice, keeps nobody out.
-- ARGV: account:course:e-mail, owner, within ms, again (0 | 1). Returns {} or {state, time ms} of the
-- one that went out before.
local key, owner, within, now = K.invited .. ARGV[1], ARGV[2], tonumber(ARGV[3]), now_ms()
local state, at, who, before = nil, nil, nil, ''
local found = redis.call('GET', key)
if found then
  state, at, who, before = string.match(found, '^(%S+) (%S+) (%S+) ?(.*)$')
  local mine = state == 'sending' and who == owner
  if not mine and ARGV[4] == '0' and now - tonumber(at) < within then return {state, at} end
  if not mine then before = state .. ' ' .. at .. ' ' .. who end
end
local note = string.format('sending %.0f %s', now, owner)
if before ~= '' then note = note .. ' ' .. before end
redis.call('SET', key, note, 'PX', string.format('%.0f', math.max(within, 1000)))
return {}
