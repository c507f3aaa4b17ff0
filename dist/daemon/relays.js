import { Alertmanager } from './format/alertmanager.js';
import { Discovery } from './format/discovery.js';
export class Relays {
    options;
    alertmanager;
    #discovery;
    #repeatS = 0;
    constructor(options) {
        this.options = options;
        this.#discovery = new Discovery(options);
    }
    /** Takes the config, the first one or another after a reload. `open`: `Alarms.retained()`; `assets` are known already. */
    configure({ homeAssistant, alertmanager: { url, repeatS } }, open, assets) {
        this.#discovery.configure(homeAssistant.discovery ? homeAssistant.prefix : undefined, assets);
        if (url === this.alertmanager?.options.url && repeatS === this.#repeatS)
            return;
        const { gateway, post, log } = this.options;
        this.#repeatS = repeatS;
        this.alertmanager = url === undefined ? undefined : new Alertmanager({ url, gateway, post, repeatS, log });
        for (const message of open)
            this.alertmanager?.update(message);
    }
    alarm({ message }) {
        this.alertmanager?.update(message);
    }
    newAsset(asset) {
        this.#discovery.add(asset);
    }
    removeAsset(asset, nowMs) {
        this.#discovery.remove(asset);
        this.alertmanager?.end(asset, nowMs);
    }
    connected() {
        this.#discovery.again();
    }
    /** True for a message of Home Assistant. */
    message(topic, payload) {
        if (topic !== this.#discovery.statusTopic)
            return false;
        if (payload.toString() === 'online')
            this.#discovery.again();
        return true;
    }
    /** Once a second. */
    tick(nowMs) {
        this.alertmanager?.tick(nowMs);
    }
}
const patienceMs = 10_000;
/** Posts JSON; the answer's body is of no interest. */
export async function postJson(url, body) {
    const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
    });
    await answer.arrayBuffer();
    return answer.status;
}
//# sourceMappingURL=relays.js.map