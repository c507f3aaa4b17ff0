/** aedes' store in memory, bounded: what sessions are owed, and what topics retain. */

/** Messages that one session may be owed; further ones are dropped, as other brokers do it. */
const maxOwed = 1000;
/** Topics with a retained message. */
const maxRetained = 100_000;

interface Named {
  readonly clientId: string;
}

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** As much of the store as is bounded here. */
export interface Store {
  outgoingEnqueue(session: Named, packet: Message): Promise<void>;
  outgoingEnqueueCombi(sessions: readonly Named[], packet: Message): Promise<void>;
  outgoingClearMessageId(client: { readonly id: string }, packet: unknown): Promise<unknown>;
  storeRetained(packet: Message): Promise<void>;
}

/** Sets bounds to `store`, in place. */
export function bound(store: Store, limits = { maxOwed, maxRetained }): void {
  const { outgoingEnqueue, outgoingEnqueueCombi, outgoingClearMessageId, storeRetained } = store;
  const owed = new Map<string, number>();
  const retained = new Set<string>();
  const take = ({ clientId }: Named): boolean => {
    const count = owed.get(clientId) ?? 0;
    if (count >= limits.maxOwed) return false;
    owed.set(clientId, count + 1);
    return true;
  };
  store.outgoingEnqueue = async (session, packet) => {
    if (take(session)) await outgoingEnqueue.call(store, session, packet);
  };
  store.outgoingEnqueueCombi = async (sessions, packet) =>
    outgoingEnqueueCombi.call(
      store,
      sessions.filter((session) => take(session)),
      packet,
    );
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await outgoingClearMessageId.call(store, client, packet);
    const left = (owed.get(client.id) ?? 0) - 1;
    if (cleared !== undefined && left > 0) owed.set(client.id, left);
    else if (cleared !== undefined) owed.delete(client.id);
    return cleared;
  };
  store.storeRetained = async (packet) => {
    if (packet.payload.length === 0) retained.delete(packet.topic);
    else if (!retained.has(packet.topic) && retained.size >= limits.maxRetained) return;
    else retained.add(packet.topic);
    await storeRetained.call(store, packet);
  };
}
