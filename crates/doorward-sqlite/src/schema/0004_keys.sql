-- What a record has of claims and index entries stands in its own row, after its body, written as
-- `doorward_held` had it: a commit that writes the record writes no other page for it.

ALTER TABLE doorward_record ADD COLUMN keys BLOB;
UPDATE doorward_record
SET keys = (SELECT keys FROM doorward_held WHERE record = doorward_record.seq);
DROP TABLE doorward_held;
