/** Who may import whom: the plan of the house, checked by `npm run lint`. */
const from = (path, pathNot) => ({ path, ...(pathNot ? { pathNot } : {}) });
const rule = (name, comment, source, target) => ({
  name,
  comment,
  severity: 'error',
  from: source,
  to: target,
});
const ours = '^(src|webview)/';
/** Everything of ours except the listed rooms. */
const outside = (...rooms) => ({ path: ours, pathNot: rooms.map((room) => `^${room}`) });
const npm = (name) => `(^|/)node_modules/${name}(/|$)|^${name}$`;

module.exports = {
  forbidden: [
    rule('no-circles', 'A circle has no top to read from.', {}, { circular: true }),
    {
      ...rule(
        'no-room-circles',
        'Rooms stand on floors: two that import each other are one.',
        from('^src/(engine|host|shared|onnx|algorithms)'),
        { circular: true },
      ),
      scope: 'folder',
    },
    rule(
      'no-orphan-imports',
      'An import that does not resolve breaks at run time.',
      {},
      { couldNotResolve: true, pathNot: '^vscode$' },
    ),
    rule(
      'shared-imports-nothing',
      'src/shared imports nothing of ours.',
      from('^src/shared/'),
      outside('src/shared/'),
    ),
    rule(
      'algorithms',
      'Pure maths: shared only.',
      from('^src/algorithms/'),
      outside('src/algorithms/', 'src/shared/'),
    ),
    rule('algorithms-pure', 'Pure maths: no packages, no Node.', from('^src/algorithms/'), {
      dependencyTypes: ['core', 'npm', 'npm-dev'],
    }),
    rule('onnx', 'What a file is: shared only.', from('^src/onnx/'), outside('src/onnx/', 'src/shared/')),
    rule('onnx-pure', 'src/onnx does no I/O.', from('^src/onnx/'), { dependencyTypes: ['core'] }),
    rule(
      'engine',
      'The engine knows neither host nor page.',
      from('^src/engine/'),
      outside('src/engine/', 'src/onnx/', 'src/algorithms/', 'src/shared/'),
    ),
    rule('host', 'The host computes nothing.', from('^src/host/'), outside('src/host/', 'src/shared/')),
    rule('extension', 'Wiring only.', from('^src/extension\\.ts$'), outside('src/host/', 'src/shared/')),
    rule(
      'webview',
      'The page speaks through shared/protocol.',
      from('^webview/'),
      outside('webview/', 'src/shared/'),
    ),
    rule(
      'cli',
      'The headless face of the engine.',
      from('^src/cli(\\.ts|/)'),
      outside('src/cli', 'src/engine/', 'src/shared/'),
    ),
    rule('one-vscode', 'Only the host side imports vscode.', from(ours, '^src/(host/|extension\\.ts$)'), {
      path: '^vscode$',
    }),
    rule(
      'one-door-runtime',
      'One file imports onnxruntime-node.',
      from(ours, '^src/engine/runtime/session\\.ts$'),
      { path: npm('onnxruntime-(node|common)') },
    ),
    rule('one-door-images', 'One file imports sharp.', from(ours, '^src/engine/runtime/imageCodec\\.ts$'), {
      path: npm('sharp'),
    }),
    rule('one-door-toolkit', 'One folder imports the toolkit.', from(ours, '^webview/ui/'), {
      path: npm('@vscode/webview-ui-toolkit'),
    }),
    rule('page-no-files', 'Files are the other processes’ business.', from('^webview/'), {
      path: '^src/shared/files/',
    }),
    rule('page-no-node', 'The page runs in a browser.', from('^webview/'), { dependencyTypes: ['core'] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
