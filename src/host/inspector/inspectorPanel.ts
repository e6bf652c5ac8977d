/** One Inspector: a page, the generator it belongs to, and everything the page may ask for. */
import path from 'node:path';
import * as vscode from 'vscode';
import { checkPageParams } from '../../shared/guards.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import { handleRequest } from '../../shared/kernel/rpc.ts';
import type {
  CopyTarget,
  PageInit,
  PageMethod,
  PageNotifications,
  PageRequests,
  PageResult,
  PageState,
} from '../../shared/pageProtocol.ts';
import { DEFAULT_SOURCE, type LatentPlan } from '../../shared/samples/latents.ts';
import { EXPORT_CODE } from '../exportCode.ts';
import { revealPlace } from '../files/reveal.ts';
import type { Services } from '../services.ts';
import { frameEncoding, isRemote, sampleSettings } from '../settings.ts';
import { DissectionMemory } from '../studies/dissectionMemory.ts';
import { editHandlers } from './editHandlers.ts';
import { chooseEmbedding } from './embedding.ts';
import type { Handlers } from './handlers.ts';
import { pageHtml, pageRoot } from './html.ts';
import { lookHandlers } from './lookHandlers.ts';
import { ModelScoring } from './modelScoring.ts';
import { ModelWatcher } from './modelWatcher.ts';
import { PageChannel } from './pageConnection.ts';
import { save } from './save.ts';
import { scoringHandlers } from './scoringHandlers.ts';
import { Segmenters } from './segmenters.ts';
import { Translations } from './translations.ts';
import { unitHandlers } from './unitHandlers.ts';

export class InspectorPanel implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[] = [];
  readonly #channel: PageChannel;
  readonly #closed = new AbortController();
  readonly #gone = new vscode.EventEmitter<void>();
  /** Asked for before the page was there to be told. */
  #tab: PageInit['tab'];
  readonly onDidDispose = this.#gone.event;
  readonly scoring: ModelScoring;

  constructor(
    readonly model: vscode.Uri,
    readonly panel: vscode.WebviewPanel,
    private readonly services: Services,
  ) {
    this.scoring = new ModelScoring(services, model);
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [pageRoot(services.extensionUri)] };
    const handlers = this.#handlers();
    const made = performance.now();
    this.#channel = new PageChannel(webview, (connection) => {
      services.log.debug(`page ready after ${Math.round(performance.now() - made)} ms`);
      for (const method of Object.keys(handlers) as PageMethod[]) {
        handleRequest<PageRequests, PageMethod>(connection, method, async (params, context) => {
          // The table ties each method to its parameters; the loop over it cannot show that to the compiler.
          const handler = handlers[method] as (
            params: unknown,
            context: unknown,
          ) => Promise<PageResult<PageMethod>>;
          return handler(checkPageParams(method, params), context);
        });
      }
    });
    this.#disposables.push(
      this.#channel,
      panel.onDidDispose(() => this.dispose()),
      services.engines.onState(({ engine, state, error }) => {
        if (engine === 'interactive')
          this.#notify('engineState', { state, ...(error ? { error: error.toData() } : {}) });
      }),
      services.jobs.subscribe((jobs) => this.#notify('jobsChanged', { jobs })),
      services.dissections.subscribe((of, change) => {
        if (of === model.toString()) this.#notify('dissectionChanged', change);
      }),
      services.effects.subscribe((of, change) => {
        if (of === model.toString()) this.#notify('effectsChanged', change);
      }),
      services.scorings.subscribe((of, change) => {
        if (of === model.toString()) this.#notify('scoresChanged', change);
      }),
      services.looks.subscribe((of, change) => {
        if (of === model.toString()) this.#notify('looksChanged', change);
      }),
      new ModelWatcher(model, (reason) => this.#notify('modelChanged', { reason })),
    );
    webview.html = pageHtml(webview, services.extensionUri, model);
    void this.#warmUp();
  }

  /**
   * Starts the engine and loads the model while the page is still being made: the two take about as long. The one
   * sample also loads what encodes frames. Errors are left to the page's own request, which meets them again.
   */
  async #warmUp(): Promise<void> {
    const { log, engines, sidecars } = this.services;
    const plan: LatentPlan = { kind: 'seeds', source: DEFAULT_SOURCE, seed: 0, count: 1, classes: 'all' };
    const started = performance.now();
    const options = { signal: this.#closed.signal };
    try {
      const model = sidecars.modelRef(this.model);
      const { refusal, needsAnswers, imageInput } = await engines.interactive.request(
        'describe',
        { model, depth: 'quick' },
        options,
      );
      // Nothing to sample from yet, or a model that waits for pictures.
      if (refusal || needsAnswers || imageInput) return;
      const params = { model, plan, maxSide: 64, encoding: frameEncoding() };
      await engines.interactive.request('sample', params, options);
      log.debug(`warm after ${Math.round(performance.now() - started)} ms`);
    } catch (thrown) {
      log.debug(`warming up: ${asGenscopeError(thrown).message}`);
    }
  }

  /** Brings the panel to the front; one that shows a failure tries again. */
  reveal(): void {
    this.panel.reveal(undefined, false);
    this.#notify('retry', {});
  }

  /** A page that is hidden, or not there yet, hears of it when it introduces itself. */
  showTab(tab: PageState['tab']): void {
    const there = this.panel.visible && this.#channel.connection !== undefined;
    if (there) this.#notify('showTab', { tab });
    else this.#tab = tab;
  }

  /** Extractor, reference or wish were chosen elsewhere. */
  scoringChanged(): void {
    this.#notify('scoringSetupChanged', {});
  }

  dispose(): void {
    this.#closed.abort();
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#gone.fire();
    this.#gone.dispose();
  }

  #handlers(): Handlers {
    const { engines, jobs, sidecars } = this.services;
    const translations = new Translations(this.services, this.model);
    const memory = new DissectionMemory(this.services.state, this.model.toString());
    const segmenters = new Segmenters(this.services, this.model, memory);
    const ref = () => sidecars.modelRef(this.model);
    return {
      init: async () => this.#init(),
      describe: ({ depth }, { signal }) =>
        engines.interactive.request('describe', { model: ref(), depth }, { signal }),
      sample: ({ plan, maxSide, stamp }, { signal, report }) =>
        engines.interactive.request(
          'sample',
          { model: ref(), plan, maxSide, stamp, encoding: frameEncoding() },
          { signal, onProgress: report },
        ),
      chooseEmbedding: ({ input }) => chooseEmbedding(this.model, input),
      translationSetup: () => translations.setup(),
      chooseTranslation: (params, { signal }) => translations.choose(params, signal),
      translate: (params, context) => translations.translate(params, context),
      ...unitHandlers(this.services, this.model, { memory, segmenters }, (progress) =>
        this.#notify('dissectionChanged', { progress, ended: false }),
      ),
      ...editHandlers(this.services, this.model, segmenters),
      ...scoringHandlers(this.scoring),
      ...lookHandlers(this.services, this.model, this.scoring),
      answerRoles: async ({ roles }, { signal }) => {
        // Tried before they are kept: an answer that fails must not greet the person at every opening.
        const model = await sidecars.trial(this.model, roles);
        const { refusal } = await engines.interactive.request(
          'describe',
          { model, depth: 'quick' },
          { signal },
        );
        if (refusal) throw GenscopeError.fromData(refusal);
        return sidecars.keep(this.model, roles);
      },
      save: (target, { signal }) => save(this.services, this.model, target, signal),
      copy: async (target, { signal }) => {
        const text = await this.#text(target, signal);
        await vscode.env.clipboard.writeText(text);
        return { text };
      },
      nextStep: async ({ step }) => {
        const command = NEXT_STEPS[step];
        if (!command)
          throw new GenscopeError('input.invalid', `There is no step named ${step}.`, 'Reload the window.');
        await vscode.commands.executeCommand(command);
        return {};
      },
      jobs: async () => jobs.list(),
      cancelJob: async ({ id }) => {
        jobs.cancel(id);
        return {};
      },
      revealJob: async ({ id }) => {
        const place = jobs.get(id)?.result;
        if (place) await revealPlace(vscode.Uri.file(place));
        return {};
      },
    };
  }

  async #text(target: CopyTarget, signal: AbortSignal): Promise<string> {
    if (target.what === 'exportCode') return EXPORT_CODE;
    const { interactive } = this.services.engines;
    const model = this.services.sidecars.modelRef(this.model);
    const { plan } = target;
    if (target.what === 'latent')
      return (await interactive.request('latentCode', { model, plan }, { signal })).text;
    const params = { model, plan, edits: target.edits };
    return (await interactive.request('editCode', params, { signal })).text;
  }

  /** The tab asked for counts once: after that the page remembers its own. */
  #init(): PageInit {
    const tab = this.#tab;
    this.#tab = undefined;
    return {
      model: this.model.toString(),
      fileName: path.posix.basename(this.model.path),
      remote: isRemote(),
      defaults: sampleSettings(this.model),
      ...(tab ? { tab } : {}),
    };
  }

  #notify<N extends keyof PageNotifications>(name: N, payload: PageNotifications[N]): void {
    // A hidden page has no connection or does not listen; it asks for the state anew when it is shown again.
    this.#channel.connection?.sendNotification(name, payload).catch(() => undefined);
  }
}

const NEXT_STEPS: Readonly<Record<string, string>> = {
  copyExportCode: 'genscope.copyExportCode',
  restartEngine: 'genscope.restartEngine',
  showLog: 'genscope.showLog',
  openDemo: 'genscope.openDemo',
};
