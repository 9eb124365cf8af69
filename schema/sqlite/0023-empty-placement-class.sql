-- The class of a host without tags and without devices that may be handed out: each host begins in it. Management names it by this digest.

INSERT INTO op_placement_class (digest, host_tags, pci_devices)
SELECT '01ba4719c80b6fe911b091a7c05124b6', '', ''
WHERE NOT EXISTS (SELECT 1 FROM op_placement_class WHERE digest = '01ba4719c80b6fe911b091a7c05124b6');
