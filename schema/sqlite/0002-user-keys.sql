-- What a user logs in with (hashed) and signs its calls with (the secret key encrypted).

ALTER TABLE user ADD COLUMN password TEXT NULL;
ALTER TABLE user ADD COLUMN api_key TEXT NULL;
ALTER TABLE user ADD COLUMN secret_key TEXT NULL;
CREATE UNIQUE INDEX uc_user__api_key ON user (api_key);
