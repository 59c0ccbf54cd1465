"""The schema of the two files, step by step; a step that was released is never changed, a new one is added."""

from __future__ import annotations

JOURNAL: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, stream TEXT NOT NULL, kind TEXT NOT NULL,
            v INTEGER NOT NULL, body BLOB NOT NULL, owner BLOB, at REAL NOT NULL, boot TEXT NOT NULL,
            mono REAL NOT NULL, state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dead')),
            tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0, verdict TEXT NOT NULL DEFAULT '',
            sent_at REAL)""",
        "CREATE INDEX outbox_order ON outbox (state, tries, seq)",
        "CREATE INDEX outbox_stream ON outbox (stream, seq) WHERE state = 'queued'",
        "CREATE INDEX outbox_owner ON outbox (owner) WHERE owner IS NOT NULL",
        """CREATE TABLE blobs (
            sha256 TEXT PRIMARY KEY, body BLOB NOT NULL, size INTEGER NOT NULL, at REAL NOT NULL,
            sent INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0)""",
        """CREATE TABLE attachments (
            seq INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE, sha256 TEXT NOT NULL,
            PRIMARY KEY (seq, sha256)) WITHOUT ROWID""",
        "CREATE INDEX attachments_blob ON attachments (sha256)",
        "CREATE TABLE receipts (day TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE drafts (
            owner BLOB NOT NULL, item TEXT NOT NULL, body BLOB NOT NULL, saved_at REAL NOT NULL,
            PRIMARY KEY (owner, item))""",
        """CREATE TABLE print_jobs (
            id TEXT PRIMARY KEY, title BLOB NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, at REAL NOT NULL)""",
        """CREATE TABLE pin_failures (
            owner BLOB PRIMARY KEY, count INTEGER NOT NULL, last_at REAL NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE nonces (nonce BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE own_templates (
            key TEXT PRIMARY KEY, owner BLOB NOT NULL, at REAL NOT NULL, body BLOB NOT NULL, short BLOB NOT NULL)""",
        "CREATE INDEX own_templates_owner ON own_templates (owner)",
        "CREATE TABLE withdrawn (owner BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
        "CREATE TABLE passages (owner BLOB PRIMARY KEY, inside INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID",
    ),
    (
        # a million rows wait after a long day offline: nothing that is asked often may count or sort them
        "CREATE INDEX outbox_waiting ON outbox (seq) WHERE state = 'queued'",
        "CREATE INDEX outbox_sent ON outbox (sent_at) WHERE state = 'sent'",
        "CREATE TABLE tally (state TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO tally SELECT state, count(*) FROM outbox GROUP BY state",
        "INSERT OR IGNORE INTO tally VALUES ('queued', 0), ('sent', 0), ('dead', 0)",
        """CREATE TRIGGER tally_insert AFTER INSERT ON outbox BEGIN
            UPDATE tally SET count = count + 1 WHERE state = new.state; END""",
        """CREATE TRIGGER tally_update AFTER UPDATE OF state ON outbox WHEN old.state <> new.state BEGIN
            UPDATE tally SET count = count - 1 WHERE state = old.state;
            UPDATE tally SET count = count + 1 WHERE state = new.state; END""",
        """CREATE TRIGGER tally_delete AFTER DELETE ON outbox BEGIN
            UPDATE tally SET count = count - 1 WHERE state = old.state; END""",
    ),
    (
        # bytes beside rows, so that a limit on either costs no count
        "ALTER TABLE tally ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
        """UPDATE tally SET bytes =
            coalesce((SELECT sum(length(body)) FROM outbox WHERE outbox.state = tally.state), 0)""",
        "DROP TRIGGER tally_insert",
        "DROP TRIGGER tally_update",
        "DROP TRIGGER tally_delete",
        """CREATE TRIGGER tally_insert AFTER INSERT ON outbox BEGIN
            UPDATE tally SET count = count + 1, bytes = bytes + length(new.body) WHERE state = new.state; END""",
        """CREATE TRIGGER tally_update AFTER UPDATE OF state, body ON outbox BEGIN
            UPDATE tally SET count = count - 1, bytes = bytes - length(old.body) WHERE state = old.state;
            UPDATE tally SET count = count + 1, bytes = bytes + length(new.body) WHERE state = new.state; END""",
        """CREATE TRIGGER tally_delete AFTER DELETE ON outbox BEGIN
            UPDATE tally SET count = count - 1, bytes = bytes - length(old.body) WHERE state = old.state; END""",
        # photographs count as well: those that wait, and those that are at the centre
        """INSERT INTO tally SELECT 'photos', count(*), coalesce(sum(length(body)), 0) FROM blobs WHERE sent = 0""",
        """INSERT INTO tally SELECT 'photos_sent', count(*), coalesce(sum(length(body)), 0)
            FROM blobs WHERE sent <> 0""",
        """CREATE TRIGGER photos_insert AFTER INSERT ON blobs BEGIN
            UPDATE tally SET count = count + 1, bytes = bytes + length(new.body)
            WHERE state = CASE new.sent WHEN 0 THEN 'photos' ELSE 'photos_sent' END; END""",
        """CREATE TRIGGER photos_update AFTER UPDATE OF sent ON blobs WHEN (old.sent = 0) <> (new.sent = 0) BEGIN
            UPDATE tally SET count = count - 1, bytes = bytes - length(old.body)
            WHERE state = CASE old.sent WHEN 0 THEN 'photos' ELSE 'photos_sent' END;
            UPDATE tally SET count = count + 1, bytes = bytes + length(new.body)
            WHERE state = CASE new.sent WHEN 0 THEN 'photos' ELSE 'photos_sent' END; END""",
        """CREATE TRIGGER photos_delete AFTER DELETE ON blobs BEGIN
            UPDATE tally SET count = count - 1, bytes = bytes - length(old.body)
            WHERE state = CASE old.sent WHEN 0 THEN 'photos' ELSE 'photos_sent' END; END""",
        """CREATE TABLE audit (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, boot TEXT NOT NULL, kind TEXT NOT NULL,
            detail TEXT NOT NULL, hash BLOB NOT NULL)""",
    ),
    (
        # when a code was taken, and whether the centre knows of it
        "ALTER TABLE nonces ADD COLUMN at REAL NOT NULL DEFAULT 0",
        "ALTER TABLE nonces ADD COLUMN told INTEGER NOT NULL DEFAULT 1",
        "CREATE INDEX nonces_untold ON nonces (at) WHERE told = 0",
    ),
    (
        # certificates sealed in advance that are used up, by the key of their seal, and whether anything came of them
        """CREATE TABLE issued_offline (
            serial TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, at REAL NOT NULL, settled INTEGER NOT NULL DEFAULT 0)
            WITHOUT ROWID""",
        """CREATE TRIGGER offline_printed AFTER INSERT ON outbox WHEN new.kind = 'document.printed' BEGIN
            UPDATE issued_offline SET settled = 1
            WHERE key = substr(new.key, 1, length(new.key) - length(':printed')); END""",
        """CREATE TRIGGER offline_voided AFTER INSERT ON outbox WHEN new.kind = 'document.voided' BEGIN
            UPDATE issued_offline SET settled = 1
            WHERE key = substr(new.key, 1, length(new.key) - length(':voided')); END""",
    ),
    (
        # how the devices did: troubles by the hour (hours since 1970), and the last good sign of each
        """CREATE TABLE device_faults (
            device TEXT NOT NULL, code TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (device, code, hour)) WITHOUT ROWID""",
        "CREATE TABLE device_signs (device TEXT PRIMARY KEY, good_at REAL NOT NULL) WITHOUT ROWID",
    ),
)

CACHE: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE rows (
            feed TEXT NOT NULL, id TEXT NOT NULL, owner BLOB, rev INTEGER NOT NULL, body BLOB NOT NULL,
            stale INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (feed, id))""",
        "CREATE INDEX rows_owner ON rows (feed, owner) WHERE owner IS NOT NULL",
        "CREATE INDEX rows_stale ON rows (feed) WHERE stale = 1",
        "CREATE TABLE feeds (feed TEXT PRIMARY KEY, rev INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        "ALTER TABLE feeds ADD COLUMN at REAL NOT NULL DEFAULT 0",
        "CREATE INDEX rows_rev ON rows (feed, id, rev)",
    ),
    (
        # what is erased and not yet receipted: written with the deletion, gone once the receipt is in the journal;
        # `owner`: tag of the person's number, `rows`: how many went, by table, as JSON
        """CREATE TABLE erased (
            feed TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, owner BLOB, rows TEXT NOT NULL,
            at REAL NOT NULL, PRIMARY KEY (feed, id)) WITHOUT ROWID""",
    ),
    (
        # revisions grow: an index by them is written at its end, one by id at as many places as there are rows
        "DROP INDEX rows_rev",
        "CREATE INDEX rows_rev ON rows (feed, rev)",
    ),
    (
        # certificates sealed in advance; `owner`: tag of the person, `book`: of the journal they were sealed for
        """CREATE TABLE ahead (
            serial TEXT PRIMARY KEY, owner BLOB NOT NULL, book TEXT NOT NULL, use_by REAL NOT NULL,
            body BLOB NOT NULL)""",
        "CREATE INDEX ahead_owner ON ahead (owner)",
    ),
)
