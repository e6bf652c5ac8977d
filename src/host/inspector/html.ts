/** The page's document. Nothing inline: scripts need the nonce, styles come from our file. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export function pageRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

/** `model` goes into the document, so that the page can write down whose it is before anything has loaded. */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, model: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(pageRoot(extensionUri), 'main.js'));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(pageRoot(extensionUri), 'main.css'));
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The nonce is for the style elements the UI toolkit adds where adopted sheets are missing.
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    'img-src blob: data:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}" nonce="${nonce}">
<title>Genscope</title>
</head>
<body data-model="${escapeAttribute(model.toString())}">
<div id="app"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
