/**
 * The toolkit asks, while it loads, whether the browser knows `:focus-visible`, by adding a <style>. Our policy refuses
 * that without a nonce, and the toolkit would then draw focus rings on every click. It looks for the nonce in
 * <meta property="csp-nonce"> (fast-web-utilities, `getNonce`), so it finds our script's own there. `toolkit.ts` imports
 * this first and takes the element away when it has loaded: a nonce in an attribute can be read by a style sheet.
 */
const nonce = document.currentScript?.nonce;
if (nonce) {
  const meta = document.createElement('meta');
  meta.setAttribute('property', 'csp-nonce');
  meta.content = nonce;
  document.head.append(meta);
}
