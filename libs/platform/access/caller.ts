/** Who makes a request, once the key was found good. Admins and auditors are people, told apart by their key ids. */
export type Caller = Readonly<
  { role: 'bot'; bot: string; keyId: string } | { role: 'admin' | 'auditor'; keyId: string }
>;

export type Role = Caller['role'];
