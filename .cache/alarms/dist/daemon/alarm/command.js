/** The alarms that a command means, or why it can't be carried out. Changes nothing. */
export function targets({ target, action }, assets, maxShelveMs, nowMs) {
    if (action.kind === 'shelve') {
        if (action.untilMs <= nowMs)
            return { error: 'the shelving would be over already' };
        if (action.untilMs > nowMs + maxShelveMs)
            return { error: `at most ${maxShelveMs / 1000} s may be shelved (alarms.maxShelveS)` };
    }
    if ('id' in target)
        return byId(target.id, action, assets);
    const asset = assets.get(target.asset);
    if (asset === undefined)
        return { error: `unknown asset ${JSON.stringify(target.asset.slice(0, 128))}` };
    const types = target.type === undefined ? asset.types : [target.type];
    if (!types.every((type) => asset.types.includes(type)))
        return { error: `${asset.name} has no alarm ${target.type}` };
    if (action.kind !== 'ack')
        return { targets: types.map((type) => [asset, type]) };
    const open = types.filter((type) => asset.alarm(type).state.open);
    return open.length === 0
        ? { error: `${target.asset} has no open alarm` }
        : { targets: open.map((type) => [asset, type]) };
}
function byId(id, action, assets) {
    for (const asset of assets.values())
        for (const [type, { state }] of asset.alarms) {
            if (state.id !== id)
                continue;
            if (action.kind === 'ack' && !state.open && !state.acknowledged)
                return { error: 'the alarm has ended and needs no acknowledgement' };
            return { targets: [[asset, type]] };
        }
    return { error: `unknown alarm ${JSON.stringify(id.slice(0, 128))}` };
}
export function inputOf({ action, by, comment }, nowMs) {
    return { ...action, by, comment, nowMs };
}
//# sourceMappingURL=command.js.map