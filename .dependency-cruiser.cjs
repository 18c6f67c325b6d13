const FLOORS = require('./.dependency-cruiser.floors.cjs');

/** A rule for each folder of a place but the last: nothing in it imports from a folder above. */
const oneWayBetweenFolders = Object.entries(FLOORS).flatMap(([place, folders]) =>
  folders.slice(0, -1).map((folder, floor) => ({
    name: `nothing-above/${place}/${folder}`,
    comment: 'Folders build on those below them. See .dependency-cruiser.floors.cjs.',
    severity: 'error',
    from: { path: `^${place}/${folder}/`, pathNot: '\\.spec\\.ts$' },
    to: { path: `^${place}/(${folders.slice(floor + 1).join('|')})/` },
  })),
);

/** Dependencies point one way: apps → libs → domain. Run by `npm run lint`. */
module.exports = {
  forbidden: [
    ...oneWayBetweenFolders,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-is-pure',
      comment: 'libs/domain imports nothing but itself: no Nest, no I/O, no Node modules.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/domain/' },
    },
    {
      name: 'audit-log-is-pure',
      comment:
        'libs/audit-log computes and imports nothing but hashes and signatures, so that anybody can check it.',
      severity: 'error',
      from: { path: '^libs/audit-log/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/audit-log/|^crypto$' },
    },
    { name: 'libs-do-not-know-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'protocol-knows-only-domain',
      severity: 'error',
      from: { path: '^libs/protocol/' },
      to: { path: '^libs/(?!protocol/|domain/)' },
    },
    {
      name: 'one-importer-of-the-client',
      comment: 'The EventStoreDB client is a one-folder change away from its successor.',
      severity: 'error',
      from: { pathNot: '^libs/(event-store|embedded-event-store)/|^test/' },
      to: { path: 'node_modules/@eventstore/db-client' },
    },
    {
      name: 'embedded-store-stands-alone',
      comment: 'It is reached over gRPC only; importing it from elsewhere would be a second road to the log.',
      severity: 'error',
      from: { path: '^libs/embedded-event-store/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/(?!embedded-event-store/|protobuf/|time/)' },
    },
    {
      name: 'roles-do-not-know-each-other',
      severity: 'error',
      from: { path: '^apps/(gateway|projector|admin|audit)/' },
      to: { path: '^apps/(?!$1/)' },
    },
    {
      name: 'platform-knows-only-protocol',
      comment:
        'What all others build on: settings, logging, limits, boundaries. It speaks of errors as the protocol does.',
      severity: 'error',
      from: { path: '^libs/platform/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/(?!platform/|protocol/|domain/|time/)' },
    },
    {
      name: 'time-knows-nobody',
      comment: 'Also the embedded store waits by it, and that stands alone.',
      severity: 'error',
      from: { path: '^libs/time/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/time/' },
    },
    {
      name: 'production-does-not-certify',
      comment:
        'The harness and the command that certifies stand beside what runs for bots, and are not part of it.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: '^apps/cli/src/commands/hardening\\.|\\.spec\\.ts$',
      },
      to: { path: '^tools/' },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(apps|libs|tools)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // What is imported as `#libs/…` is its source, not what was built of it.
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
