-- What a user logs in with (hashed) and signs its calls with (the secret key encrypted).

ALTER TABLE "user" ADD COLUMN password text COLLATE "C" NULL;
ALTER TABLE "user" ADD COLUMN api_key text COLLATE "C" NULL;
ALTER TABLE "user" ADD COLUMN secret_key text COLLATE "C" NULL;
CREATE UNIQUE INDEX uc_user__api_key ON "user" (api_key);
