import { render } from 'preact';
import { App } from './app/App.tsx';
import { SessionContext } from './app/context.ts';
import { connectBridge } from './bridge.ts';
import { Session } from './stores/session.ts';
import './styles/main.css';
import { registerToolkit } from './ui/toolkit.ts';

registerToolkit();
const session = new Session(connectBridge());
const root = document.getElementById('app') ?? document.body;
render(
  <SessionContext.Provider value={session}>
    <App />
  </SessionContext.Provider>,
  root,
);
void session.start();
