/** A token of an identity provider that let somebody in; `until` in milliseconds since 1970. */
export type Token = Readonly<{ id: string; subjectId: string; until: number }>;

/** Who makes a request, once the key was found good. Admins and auditors are people, told apart by their key ids. */
export type Caller = Readonly<
  ({ role: 'bot'; bot: string; keyId: string } | { role: 'admin' | 'auditor'; keyId: string }) & {
    /** Where it was no key. The key id is that of its subject then, so that a person's many tokens count as one key. */
    token?: Token;
  }
>;

export type Role = Caller['role'];
