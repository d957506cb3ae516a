-- Ends again what had ended and was forgotten by a restore to an earlier moment, as the
-- audit trail tells of it; and lists what an operator must do with other commands. The
-- services may run meanwhile.
--
--   sandbox audit export --folder DIR --since 2026-03-01T12:00:00Z |
--     psql postgres://…/strongroom --quiet -v ON_ERROR_STOP=1 -f deploy/postgres/revoke-again.sql
BEGIN;
CREATE TEMPORARY TABLE trail (event jsonb) ON COMMIT DROP;
-- One JSON object per line: no character of it quotes or divides.
\copy trail FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')

-- Authorizations, with their refresh tokens.
UPDATE token.token_authorization a
   SET revoked_at = extract(epoch FROM (event->>'time')::timestamptz) * 1000
  FROM trail
 WHERE event->>'kind' IN ('token.revoked', 'code.replayed') AND NOT event ? 'token_id'
   AND a.issuer = event->>'issuer' AND a.authorization_id = event->>'authorization_id' AND a.revoked_at IS NULL;

-- Single access tokens: no issuer lets one live for longer than a day.
INSERT INTO token.token_revocation (issuer, token_id, expires_at)
SELECT event->>'issuer', event->>'token_id', extract(epoch FROM (event->>'time')::timestamptz + interval '1 day') * 1000
  FROM trail WHERE event->>'kind' = 'token.revoked' AND event ? 'token_id'
ON CONFLICT DO NOTHING;

UPDATE authorize.user_grant g
   SET withdrawn_at = extract(epoch FROM (event->>'time')::timestamptz) * 1000
  FROM trail
 WHERE event->>'kind' = 'grant.withdrawn'
   AND g.issuer = event->>'issuer' AND g.grant_id = event->>'grant_id' AND g.withdrawn_at IS NULL;

\echo Do these again with strongroomctl and strongroom-keys; who registered since must do so again:
SELECT event->>'time' AS time, event->>'kind' AS kind, event->>'issuer' AS issuer, event->>'client_id' AS client_id, event->>'kid' AS kid
  FROM trail
 WHERE event->>'kind' IN ('client.registered', 'client.updated', 'client.suspended', 'client.resumed', 'client.deleted', 'key.withdrawn')
 ORDER BY 1;
COMMIT;
