/** What a bot is told of the audit log: its name, and the public key that signs its checkpoints (C2SP signed-note). */
export type ToldAuditLog = Readonly<{ origin: string; key: string }>;
