/** The package under test. */
export { packageVsix } from '../../../scripts/lib/vsix.mjs';
