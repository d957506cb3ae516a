-- +goose Up
-- What users gave to clients. Kept until expires_at, then swept.
CREATE TABLE user_grant (
    issuer       TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    client_id    TEXT   NOT NULL,
    client_name  TEXT   NOT NULL, -- as the user was shown it
    subject      TEXT   NOT NULL,
    scopes       TEXT   NOT NULL, -- separated by spaces
    request_hash TEXT   NOT NULL, -- SHA-256 of the request_uri: one request buys one grant
    attempt      TEXT   NOT NULL, -- the HTTP request that wrote the row
    created_at   BIGINT NOT NULL, -- unix milliseconds
    expires_at   BIGINT NOT NULL, -- unix milliseconds
    withdrawn_at BIGINT,          -- unix milliseconds
    PRIMARY KEY (issuer, grant_id),
    UNIQUE (issuer, request_hash)
);
CREATE INDEX user_grant_subject ON user_grant (issuer, subject);
CREATE INDEX user_grant_expires ON user_grant (expires_at);

-- +goose Down
DROP TABLE user_grant;
