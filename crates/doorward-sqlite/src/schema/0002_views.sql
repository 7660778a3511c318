-- Views with typed columns, so that a DBA or a report reads tables and not JSON. Nobody writes to
-- a view. Ids are UUIDs as hyphenated text in lower case; instants are UTC in ISO 8601 with
-- microseconds, which order as text; sets are JSON arrays. No column holds a secret or the digest
-- of one. A body that is no JSON leaves the columns empty that would come from it.

CREATE VIEW doorward_account_view AS SELECT
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS account_id,
    version,
    tag AS status,
    own ->> '$.profile.class' AS class,
    own ->> '$.profile.name' AS name,
    coalesce(own ->> '$.profile.address.verified.address',
        own ->> '$.profile.address.unverified.address') AS address,
    substr(rtrim(own ->> '$.profile.address.verified.at', 'Z')
        || substr('.000000', length(own ->> '$.profile.address.verified.at') - 19), 1, 26) || 'Z'
        AS address_verified_at,
    own ->> '$.address_change.pending.new' AS address_asked_for,
    own ->> '$.profile.user_name.name' AS user_name,
    own ->> '$.profile.user_name.tenant' AS user_name_tenant_id,
    own ->> '$.profile.cell' AS cell,
    own ->> '$.profile.managed_by' AS managed_by_tenant_id,
    CASE WHEN json_type(own, '$.credentials.password.chosen') = 'object' THEN 'chosen'
        WHEN json_type(own, '$.credentials.password.temporary') = 'object' THEN 'temporary'
        END AS password,
    substr(rtrim(own ->> '$.credentials.pin.issued_at', 'Z')
        || substr('.000000', length(own ->> '$.credentials.pin.issued_at') - 19), 1, 26) || 'Z'
        AS pin_issued_at,
    doc ->> '$.state.security_epoch' AS security_epoch,
    substr(rtrim(own ->> '$.profile.registered_at', 'Z')
        || substr('.000000', length(own ->> '$.profile.registered_at') - 19), 1, 26) || 'Z'
        AS registered_at,
    substr(rtrim(own ->> '$.at', 'Z')
        || substr('.000000', length(own ->> '$.at') - 19), 1, 26) || 'Z' AS status_at,
    own ->> '$.reason' AS disabled_reason
FROM (
    SELECT record.id, version, doc, coalesce(state.key, state.atom) AS tag,
        CASE state.type WHEN 'object' THEN state.value END AS own
    FROM (
        SELECT id, version,
            CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
        FROM doorward_record WHERE scope = x'' AND kind = 'account'
    ) AS record
    -- The state is an object of one entry, whose name is the status.
    LEFT JOIN json_each(doc, '$.state.state') AS state
);

CREATE VIEW doorward_person_view AS SELECT
    lower(substr(hex(scope), 1, 8) || '-' || substr(hex(scope), 9, 4) || '-'
        || substr(hex(scope), 13, 4) || '-' || substr(hex(scope), 17, 4) || '-'
        || substr(hex(scope), 21)) AS tenant_id,
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS person_id,
    version,
    doc ->> '$.state.kind' AS kind,
    doc ->> '$.state.name' AS name,
    doc ->> '$.state.email' AS address,
    doc ->> '$.state.cell' AS cell,
    doc ->> '$.state.reference' AS reference
FROM (
    SELECT scope, id, version,
        CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
    FROM doorward_record WHERE kind = 'person'
) AS record;

CREATE VIEW doorward_membership_view AS SELECT
    lower(substr(hex(scope), 1, 8) || '-' || substr(hex(scope), 9, 4) || '-'
        || substr(hex(scope), 13, 4) || '-' || substr(hex(scope), 17, 4) || '-'
        || substr(hex(scope), 21)) AS tenant_id,
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS membership_id,
    version,
    doc ->> '$.state.account' AS account_id,
    doc ->> '$.state.person' AS person_id,
    doc ->> '$.state.details.name' AS name,
    doc ->> '$.state.details.title' AS title,
    doc ->> '$.state.kind' AS kind,
    doc ->> '$.state.role' AS role,
    CASE json_type(doc, '$.state.levels') WHEN 'text' THEN doc ->> '$.state.levels'
        WHEN 'object' THEN 'assigned' END AS levels,
    (SELECT json_group_array(name) FROM (
        SELECT CAST(level.body AS TEXT) ->> '$.state.name' AS name
        FROM json_each(doc, '$.state.levels.assigned') AS held
        JOIN doorward_record AS level ON level.scope = record.scope AND level.kind = 'level'
            AND hex(level.id) = upper(replace(held.value, '-', ''))
        ORDER BY name)) AS level_names,
    coalesce(doc ->> '$.state.switches', '{}') AS switches,
    coalesce(doc ->> '$.state.hidden', '[]') AS hidden_features,
    doc ->> '$.state.status.state' AS status,
    substr(rtrim(doc ->> '$.state.status.at', 'Z')
        || substr('.000000', length(doc ->> '$.state.status.at') - 19), 1, 26) || 'Z' AS status_at,
    doc ->> '$.state.status.by.kind' AS status_by,
    doc ->> '$.state.status.by.membership' AS status_by_membership_id,
    substr(rtrim(doc ->> '$.state.window.from', 'Z')
        || substr('.000000', length(doc ->> '$.state.window.from') - 19), 1, 26) || 'Z'
        AS valid_from,
    substr(rtrim(doc ->> '$.state.window.until', 'Z')
        || substr('.000000', length(doc ->> '$.state.window.until') - 19), 1, 26) || 'Z'
        AS valid_until,
    doc ->> '$.state.access_epoch' AS access_epoch,
    substr(rtrim(doc ->> '$.state.joined_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.joined_at') - 19), 1, 26) || 'Z' AS joined_at,
    doc ->> '$.state.invitation' AS invitation_id
FROM (
    SELECT scope, id, version,
        CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
    FROM doorward_record WHERE kind = 'membership'
) AS record;

CREATE VIEW doorward_invitation_view AS SELECT
    lower(substr(hex(scope), 1, 8) || '-' || substr(hex(scope), 9, 4) || '-'
        || substr(hex(scope), 13, 4) || '-' || substr(hex(scope), 17, 4) || '-'
        || substr(hex(scope), 21)) AS tenant_id,
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS invitation_id,
    version,
    doc ->> '$.state.state.kind' AS status,
    doc ->> '$.state.address' AS address,
    doc ->> '$.state.name' AS name,
    doc ->> '$.state.person' AS person_id,
    doc ->> '$.state.class' AS class,
    doc ->> '$.state.offer.kind' AS kind,
    doc ->> '$.state.offer.role' AS role,
    CASE json_type(doc, '$.state.offer.levels') WHEN 'text' THEN doc ->> '$.state.offer.levels'
        WHEN 'object' THEN 'assigned' END AS levels,
    (SELECT json_group_array(name) FROM (
        SELECT CAST(level.body AS TEXT) ->> '$.state.name' AS name
        FROM json_each(doc, '$.state.offer.levels.assigned') AS held
        JOIN doorward_record AS level ON level.scope = record.scope AND level.kind = 'level'
            AND hex(level.id) = upper(replace(held.value, '-', ''))
        ORDER BY name)) AS level_names,
    coalesce(json_array_length(doc, '$.state.offer.subjects'), 0) AS subject_count,
    CASE WHEN json_type(doc, '$.state.sponsor') = 'text' THEN doc ->> '$.state.sponsor'
        WHEN json_type(doc, '$.state.sponsor.member') = 'text' THEN 'member' END AS sponsor,
    doc ->> '$.state.sponsor.member' AS sponsor_membership_id,
    substr(rtrim(doc ->> '$.state.issued_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.issued_at') - 19), 1, 26) || 'Z' AS issued_at,
    doc ->> '$.state.lifetime' AS lifetime_seconds,
    doc ->> '$.state.mailing.generation' AS generation,
    substr(rtrim(doc ->> '$.state.mailing.sent_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.mailing.sent_at') - 19), 1, 26) || 'Z'
        AS sent_at,
    substr(rtrim(doc ->> '$.state.mailing.expires_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.mailing.expires_at') - 19), 1, 26) || 'Z'
        AS expires_at,
    doc ->> '$.state.mailing.delivery.status' AS delivery,
    substr(rtrim(doc ->> '$.state.mailing.delivery.at', 'Z')
        || substr('.000000', length(doc ->> '$.state.mailing.delivery.at') - 19), 1, 26) || 'Z'
        AS delivery_at,
    coalesce(doc ->> '$.state.resend_count', 0) AS resend_count,
    substr(rtrim(doc ->> '$.state.reminded_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.reminded_at') - 19), 1, 26) || 'Z'
        AS reminded_at,
    substr(rtrim(doc ->> '$.state.state.at', 'Z')
        || substr('.000000', length(doc ->> '$.state.state.at') - 19), 1, 26) || 'Z' AS closed_at,
    CASE doc ->> '$.state.state.kind' WHEN 'accepted' THEN doc ->> '$.state.state.path'
        END AS accepted_path,
    doc ->> '$.state.state.account' AS account_id,
    doc ->> '$.state.state.membership' AS membership_id,
    CASE json_type(doc, '$.state.state.reason') WHEN 'text' THEN doc ->> '$.state.state.reason'
        WHEN 'object' THEN 'other' END AS declined_reason,
    CASE doc ->> '$.state.state.kind' WHEN 'replaced' THEN doc ->> '$.state.state.by'
        END AS replaced_by_invitation_id
FROM (
    SELECT scope, id, version,
        CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
    FROM doorward_record WHERE kind = 'invitation'
) AS record;

CREATE VIEW doorward_grant_view AS SELECT
    lower(substr(hex(scope), 1, 8) || '-' || substr(hex(scope), 9, 4) || '-'
        || substr(hex(scope), 13, 4) || '-' || substr(hex(scope), 17, 4) || '-'
        || substr(hex(scope), 21)) AS tenant_id,
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS grant_id,
    version,
    doc ->> '$.state.membership' AS membership_id,
    doc ->> '$.state.subject' AS subject_id,
    doc ->> '$.state.profile' AS profile_id,
    (SELECT CAST(profile.body AS TEXT) ->> '$.state.name' FROM doorward_record AS profile
        WHERE profile.scope = record.scope AND profile.kind = 'profile'
            AND hex(profile.id) = upper(replace(doc ->> '$.state.profile', '-', '')))
        AS profile_name,
    doc ->> '$.state.status.state' AS status,
    substr(rtrim(doc ->> '$.state.window.from', 'Z')
        || substr('.000000', length(doc ->> '$.state.window.from') - 19), 1, 26) || 'Z'
        AS valid_from,
    substr(rtrim(doc ->> '$.state.window.until', 'Z')
        || substr('.000000', length(doc ->> '$.state.window.until') - 19), 1, 26) || 'Z'
        AS valid_until,
    substr(rtrim(doc ->> '$.state.granted_at', 'Z')
        || substr('.000000', length(doc ->> '$.state.granted_at') - 19), 1, 26) || 'Z'
        AS granted_at,
    doc ->> '$.state.granted_by.kind' AS granted_by,
    doc ->> '$.state.granted_by.membership' AS granted_by_membership_id,
    substr(rtrim(doc ->> '$.state.status.at', 'Z')
        || substr('.000000', length(doc ->> '$.state.status.at') - 19), 1, 26) || 'Z' AS closed_at,
    doc ->> '$.state.status.by.kind' AS closed_by,
    doc ->> '$.state.status.by.membership' AS closed_by_membership_id,
    doc ->> '$.state.attestation.statement.name' AS attested_statement,
    doc ->> '$.state.attestation.statement.version' AS attested_version,
    substr(rtrim(doc ->> '$.state.attestation.at', 'Z')
        || substr('.000000', length(doc ->> '$.state.attestation.at') - 19), 1, 26) || 'Z'
        AS attested_at,
    doc ->> '$.state.attestation.by' AS attested_by_membership_id
FROM (
    SELECT scope, id, version,
        CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
    FROM doorward_record WHERE kind = 'grant'
) AS record;

CREATE VIEW doorward_audit_view AS SELECT
    CASE length(scope) WHEN 16 THEN
        lower(substr(hex(scope), 1, 8) || '-' || substr(hex(scope), 9, 4) || '-'
        || substr(hex(scope), 13, 4) || '-' || substr(hex(scope), 17, 4) || '-'
        || substr(hex(scope), 21))
        END AS tenant_id,
    lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-'
        || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-'
        || substr(hex(id), 21)) AS entry_id,
    position,
    doc ->> '$.recorded_at' AS recorded_at,
    doc ->> '$.category' AS category,
    doc ->> '$.action' AS action,
    doc ->> '$.actor.kind' AS actor,
    doc ->> '$.actor.account' AS actor_account_id,
    doc ->> '$.actor.membership' AS actor_membership_id,
    doc ->> '$.actor.support' AS actor_support_id,
    doc ->> '$.actor.agent' AS actor_agent,
    doc ->> '$.target.kind' AS target,
    doc ->> '$.target.id' AS target_id,
    doc ->> '$.subject' AS subject_id,
    doc ->> '$.outcome.code' AS outcome,
    doc ->> '$.outcome.reason' AS outcome_reason,
    doc ->> '$.request' AS request_id,
    doc ->> '$.before' AS fields_before,
    doc ->> '$.after' AS fields_after,
    doc ->> '$.facts' AS facts
FROM (
    SELECT scope, id, position,
        CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) END AS doc
    FROM doorward_audit
);
