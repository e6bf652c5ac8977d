/** The settings, read where they are used, so that a change counts from the next request on. */
import * as vscode from 'vscode';
import type { FrameEncoding } from '../shared/protocol.ts';

const SECTION = 'genscope';

export interface EngineSettings {
  readonly nodePath: string;
  readonly threads: number;
  readonly idleMinutes: number;
}

export function engineSettings(): EngineSettings {
  const config = vscode.workspace.getConfiguration(SECTION);
  return {
    nodePath: config.get<string>('engine.nodePath', ''),
    threads: config.get<number>('engine.threads', 0),
    idleMinutes: config.get<number>('engine.idleMinutes', 10),
  };
}

export interface SampleSettings {
  readonly count: number;
  readonly rng: 'numpy' | 'torch';
}

export function sampleSettings(resource: vscode.Uri): SampleSettings {
  const config = vscode.workspace.getConfiguration(SECTION, resource);
  return {
    count: config.get<number>('samples.count', 16),
    rng: config.get<'numpy' | 'torch'>('samples.rng', 'numpy'),
  };
}

export interface HubSettings {
  /** Empty: HF_ENDPOINT, else the public hub. */
  readonly endpoint: string;
}

export function hubSettings(): HubSettings {
  return {
    endpoint: vscode.workspace.getConfiguration(SECTION).get<string>('huggingFace.endpoint', ''),
  };
}

/** Raw pixels cost nothing on one machine; over a network WebP is a third of them, without loss. */
export function frameEncoding(): FrameEncoding {
  const choice = vscode.workspace.getConfiguration(SECTION).get<'auto' | FrameEncoding>('frames', 'auto');
  if (choice !== 'auto') return choice;
  return isRemote() ? 'webp' : 'rgba';
}

export function isRemote(): boolean {
  return vscode.env.remoteName !== undefined;
}

export function onEngineSettingsChange(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${SECTION}.engine`)) listener();
  });
}
