-- The schema of revision 0006, as the revisions 0001 to 0006 create it on SQLite, and one row per
-- table. Do not edit: a new release adds revisions.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE api_keys (
	id VARCHAR(40) NOT NULL, 
	user_id VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	prefix VARCHAR(32) NOT NULL, 
	secret_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	revoked_at DATETIME, scope_names VARCHAR(100) DEFAULT 'read stylize' NOT NULL, uploads_per_minute INTEGER, expires_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id), 
	CONSTRAINT fk_api_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_keys_secret_hash UNIQUE (secret_hash)
);
CREATE TABLE check_traces (
	trace_id VARCHAR(100) NOT NULL, 
	stylization_id VARCHAR(40), 
	verdict VARCHAR(8), 
	label INTEGER, 
	created_at DATETIME NOT NULL, 
	heard_at DATETIME, 
	CONSTRAINT pk_check_traces PRIMARY KEY (trace_id), 
	CONSTRAINT fk_check_traces_stylization_id_stylizations FOREIGN KEY(stylization_id) REFERENCES stylizations (id) ON DELETE CASCADE
);
CREATE TABLE content_checks (
	stylization_id VARCHAR(40) NOT NULL, 
	asked INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	due_at DATETIME, 
	created_at DATETIME NOT NULL, 
	last_error VARCHAR(200), 
	CONSTRAINT pk_content_checks PRIMARY KEY (stylization_id), 
	CONSTRAINT fk_content_checks_stylization_id_stylizations FOREIGN KEY(stylization_id) REFERENCES stylizations (id) ON DELETE CASCADE
);
CREATE TABLE mirror_outbox (
	stylization_id VARCHAR(40) NOT NULL, 
	due_at DATETIME, 
	failures INTEGER NOT NULL, 
	file_id VARCHAR(500), 
	sent_at DATETIME, 
	created_at DATETIME NOT NULL, 
	last_error VARCHAR(200), 
	CONSTRAINT pk_mirror_outbox PRIMARY KEY (stylization_id)
);
CREATE TABLE notices (
	id VARCHAR(40) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	stylization_id VARCHAR(40) NOT NULL, 
	webhook_id VARCHAR(40), 
	template_id VARCHAR(100), 
	event VARCHAR(40), 
	attempts INTEGER NOT NULL, 
	due_at DATETIME, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	last_error VARCHAR(200), 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT fk_notices_stylization_id_stylizations FOREIGN KEY(stylization_id) REFERENCES stylizations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_notices_webhook_id_webhooks FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
);
CREATE TABLE owner_turns (
	owner_id VARCHAR(40) NOT NULL, 
	served_at DATETIME NOT NULL, 
	stylization_id VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_owner_turns PRIMARY KEY (owner_id), 
	CONSTRAINT fk_owner_turns_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE pictures (
	id VARCHAR(40) NOT NULL, 
	owner_id VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	bytes INTEGER NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	format VARCHAR(8) NOT NULL, 
	storage_key VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	deleted_at DATETIME, 
	removed_at DATETIME, stands_alone BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_pictures PRIMARY KEY (id), 
	CONSTRAINT fk_pictures_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE style_shares (
	stylization_id VARCHAR(40) NOT NULL, 
	style_id VARCHAR(100) NOT NULL, 
	weight DOUBLE NOT NULL, 
	CONSTRAINT pk_style_shares PRIMARY KEY (stylization_id, style_id), 
	CONSTRAINT fk_style_shares_stylization_id_stylizations FOREIGN KEY(stylization_id) REFERENCES stylizations (id) ON DELETE CASCADE
);
CREATE TABLE styles (
	id VARCHAR(40) NOT NULL, 
	owner_id VARCHAR(40) NOT NULL, 
	client_key VARCHAR(200), 
	request_hash VARCHAR(64), 
	name VARCHAR(200) NOT NULL, 
	picture_id VARCHAR(40) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	code BLOB, 
	model_version VARCHAR(100), 
	error_code VARCHAR(40), 
	attempts INTEGER NOT NULL, 
	lease_until DATETIME, 
	token VARCHAR(40), 
	created_at DATETIME NOT NULL, 
	deleted_at DATETIME, request_id VARCHAR(64), 
	CONSTRAINT pk_styles PRIMARY KEY (id), 
	CONSTRAINT fk_styles_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT fk_styles_picture_id_pictures FOREIGN KEY(picture_id) REFERENCES pictures (id), 
	CONSTRAINT uq_styles_owner_id_client_key UNIQUE (owner_id, client_key)
);
CREATE TABLE stylizations (
	id VARCHAR(40) NOT NULL, 
	owner_id VARCHAR(40) NOT NULL, 
	client_key VARCHAR(200), 
	request_hash VARCHAR(64), 
	style_id VARCHAR(100) NOT NULL, 
	style_name JSON NOT NULL, 
	tau DOUBLE NOT NULL, 
	keep_color BOOLEAN NOT NULL, 
	picture_id VARCHAR(40) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_until DATETIME, 
	token VARCHAR(40), 
	error_code VARCHAR(40), 
	error_message JSON, 
	result_picture_id VARCHAR(40), 
	thumb_picture_id VARCHAR(40), 
	result_width INTEGER, 
	result_height INTEGER, 
	model_version VARCHAR(100), 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	deleted_at DATETIME, levels JSON, output_format VARCHAR(8) DEFAULT 'jpeg' NOT NULL, title VARCHAR(200), favourite BOOLEAN DEFAULT 0 NOT NULL, share_token VARCHAR(40), request_id VARCHAR(64), check_state VARCHAR(8), 
	CONSTRAINT pk_stylizations PRIMARY KEY (id), 
	CONSTRAINT fk_stylizations_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT fk_stylizations_picture_id_pictures FOREIGN KEY(picture_id) REFERENCES pictures (id), 
	CONSTRAINT fk_stylizations_result_picture_id_pictures FOREIGN KEY(result_picture_id) REFERENCES pictures (id), 
	CONSTRAINT fk_stylizations_thumb_picture_id_pictures FOREIGN KEY(thumb_picture_id) REFERENCES pictures (id), 
	CONSTRAINT uq_stylizations_owner_id_client_key UNIQUE (owner_id, client_key)
);
CREATE TABLE users (
	id VARCHAR(40) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, token_version INTEGER DEFAULT 0 NOT NULL, erased_at DATETIME, 
	CONSTRAINT pk_users PRIMARY KEY (id)
);
CREATE TABLE webhooks (
	id VARCHAR(40) NOT NULL, 
	owner_id VARCHAR(40) NOT NULL, 
	url VARCHAR(2000) NOT NULL, 
	event_names VARCHAR(100) NOT NULL, 
	secret VARCHAR(100) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_success_at DATETIME, 
	failing_since DATETIME, 
	last_error VARCHAR(200), 
	disabled_at DATETIME, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id), 
	CONSTRAINT fk_webhooks_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE wechat_identities (
	appid VARCHAR(64) NOT NULL, 
	openid VARCHAR(128) NOT NULL, 
	user_id VARCHAR(40) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_login_at DATETIME NOT NULL, 
	CONSTRAINT pk_wechat_identities PRIMARY KEY (appid, openid), 
	CONSTRAINT fk_wechat_identities_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE worker_heartbeats (
	id VARCHAR(40) NOT NULL, 
	started_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	device VARCHAR(40), 
	model_version VARCHAR(100), 
	CONSTRAINT pk_worker_heartbeats PRIMARY KEY (id)
);
CREATE INDEX ix_users_kind ON users (kind);
CREATE INDEX ix_worker_heartbeats_seen_at ON worker_heartbeats (seen_at);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE INDEX ix_pictures_expires_at ON pictures (expires_at);
CREATE INDEX ix_pictures_owner_id ON pictures (owner_id);
CREATE INDEX ix_pictures_storage_key ON pictures (storage_key);
CREATE INDEX ix_styles_owner_id_created_at ON styles (owner_id, created_at);
CREATE INDEX ix_styles_picture_id ON styles (picture_id);
CREATE INDEX ix_styles_status_created_at ON styles (status, created_at);
CREATE INDEX ix_stylizations_owner_id_created_at_id ON stylizations (owner_id, created_at, id);
CREATE INDEX ix_stylizations_picture_id ON stylizations (picture_id);
CREATE INDEX ix_stylizations_status_created_at_id ON stylizations (status, created_at, id);
CREATE INDEX ix_stylizations_style_id ON stylizations (style_id);
CREATE INDEX ix_wechat_identities_user_id ON wechat_identities (user_id);
CREATE INDEX ix_pictures_owner_id_sha256 ON pictures (owner_id, sha256);
CREATE UNIQUE INDEX ix_stylizations_share_token ON stylizations (share_token);
CREATE INDEX ix_style_shares_style_id ON style_shares (style_id);
CREATE INDEX ix_webhooks_owner_id ON webhooks (owner_id);
CREATE INDEX ix_notices_due_at ON notices (due_at);
CREATE INDEX ix_notices_stylization_id ON notices (stylization_id);
CREATE INDEX ix_notices_webhook_id ON notices (webhook_id);
CREATE INDEX ix_notices_ended_at ON notices (ended_at);
CREATE INDEX ix_content_checks_due_at ON content_checks (due_at);
CREATE INDEX ix_check_traces_created_at ON check_traces (created_at);
CREATE INDEX ix_check_traces_stylization_id ON check_traces (stylization_id);
CREATE INDEX ix_mirror_outbox_due_at ON mirror_outbox (due_at);

INSERT INTO users (id, kind, name, created_at, token_version, erased_at) VALUES ('usr_1', 'api', 'tester', '2026-01-02 03:04:05.000000', 1, NULL);
INSERT INTO wechat_identities (appid, openid, user_id, created_at, last_login_at) VALUES ('wx1', 'o-1', 'usr_1', '2026-01-02 03:04:05.000000', '2026-01-02 03:04:05.000000');
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, created_at, scope_names, uploads_per_minute) VALUES ('key_1', 'usr_1', 'key', 'dt_abc', 'hash', '2026-01-02 03:04:05.000000', 'read stylize', 7);
INSERT INTO pictures (id, owner_id, sha256, bytes, width, height, format, storage_key, created_at, expires_at, stands_alone) VALUES ('pic_1', 'usr_1', 'a', 1000, 96, 64, 'JPEG', 'pictures/1/pic_1.jpg', '2026-01-02 03:04:05.000000', '2026-02-02 03:04:05.000000', 1);
INSERT INTO pictures (id, owner_id, sha256, bytes, width, height, format, storage_key, created_at) VALUES ('pic_2', 'usr_1', 'b', 1000, 96, 64, 'JPEG', 'pictures/2/pic_2.jpg', '2026-01-02 03:04:05.000000');
INSERT INTO pictures (id, owner_id, sha256, bytes, width, height, format, storage_key, created_at) VALUES ('pic_3', 'usr_1', 'c', 100, 48, 32, 'WEBP', 'pictures/3/pic_3.webp', '2026-01-02 03:04:05.000000');
INSERT INTO styles (id, owner_id, client_key, name, picture_id, status, code, model_version, attempts, created_at) VALUES ('sty_1', 'usr_1', 'style key', 'mine', 'pic_1', 'ready', X'010203', '1', 1, '2026-01-02 03:04:05.000000');
INSERT INTO stylizations (id, owner_id, client_key, style_id, style_name, tau, levels, keep_color, output_format, picture_id, width, height, status, attempts, result_picture_id, thumb_picture_id, result_width, result_height, model_version, title, favourite, share_token, request_id, check_state, created_at, started_at, finished_at) VALUES ('stl_1', 'usr_1', 'job key', 'nixi-black-pottery', '{"zh": "尼西黑陶", "en": "Nixi black pottery"}', 0.85, '{"colour": 1.0, "texture": 0.5}', 1, 'png', 'pic_1', 96, 64, 'done', 1, 'pic_2', 'pic_3', 96, 64, '1', 'title', 1, 'token', 'request', 'pass', '2026-01-02 03:04:05.000000', '2026-01-02 03:04:06.000000', '2026-01-02 03:04:07.000000');
INSERT INTO style_shares (stylization_id, style_id, weight) VALUES ('stl_1', 'sty_1', 2.0);
INSERT INTO owner_turns (owner_id, served_at, stylization_id) VALUES ('usr_1', '2026-01-02 03:04:06.000000', 'stl_1');
INSERT INTO webhooks (id, owner_id, url, event_names, secret, created_at) VALUES ('whk_1', 'usr_1', 'https://example.com/', 'stylization.done', 'whsec_aaaa', '2026-01-02 03:04:05.000000');
INSERT INTO notices (id, channel, stylization_id, webhook_id, event, attempts, created_at, ended_at) VALUES ('ntc_1', 'webhook', 'stl_1', 'whk_1', 'stylization.done', 1, '2026-01-02 03:04:07.000000', '2026-01-02 03:04:08.000000');
INSERT INTO content_checks (stylization_id, asked, failures, due_at, created_at) VALUES ('stl_1', 1, 0, NULL, '2026-01-02 03:04:07.000000');
INSERT INTO check_traces (trace_id, stylization_id, verdict, label, created_at, heard_at) VALUES ('trace', 'stl_1', 'pass', 100, '2026-01-02 03:04:07.000000', '2026-01-02 03:04:09.000000');
INSERT INTO mirror_outbox (stylization_id, failures, file_id, sent_at, created_at) VALUES ('stl_1', 0, 'cloud://file', '2026-01-02 03:04:10.000000', '2026-01-02 03:04:07.000000');
INSERT INTO worker_heartbeats (id, started_at, seen_at, state, device, model_version) VALUES ('wrk_1', '2026-01-02 03:04:05.000000', '2026-01-02 03:04:05.000000', 'ready', 'cpu', '1');
