export function summariseConfig(file, config, bundles, answer) {
    const rows = [
        ['gateway', config.gateway],
        ['broker', `${config.broker.url} ${answer === undefined ? '(not asked)' : `lets us in, ${mqttName(answer)}`}`],
        ...config.bundles.map((entry, i) => ['bundle', bundleLine(entry, bundles[i])]),
        ...config.inputs.map(({ topic, bundle, qos }) => ['input', `${topic} -> ${bundle}, QoS ${qos}`]),
        ['publish', publishLine(config)],
        ['metrics', config.metrics.listen],
        ['state', config.stateDir],
    ];
    return [`${file} is fine.`, ...rows.map(([name, text]) => `  ${name.padEnd(8)}${text}`)].join('\n');
}
function mqttName({ protocolVersion }) {
    return protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
}
function publishLine({ publish: { base, scores, format, homeAssistant, alertmanager } }) {
    return [
        `${base}/...`,
        ...(scores ? ['with scores'] : []),
        ...(format === 'lookout' ? ['alerts in the fields of Lookout'] : []),
        ...(homeAssistant.discovery ? [`announced to Home Assistant under ${homeAssistant.prefix}`] : []),
        ...(alertmanager.url === undefined ? [] : [`alarms pushed to ${alertmanager.url}`]),
    ].join(', ');
}
function bundleLine(entry, bundle) {
    if (bundle === undefined)
        return entry.path;
    const { manifest } = bundle;
    const budget = entry.falseAlarmsPerAssetWeek ?? manifest.falseAlarmsPerAssetWeek;
    return [
        `${entry.name}: ${manifest.name} ${manifest.version}, self-test passed`,
        `${manifest.channels.map(({ name }) => name).join(', ')} every ${manifest.periodMs / 1000} s`,
        `detectors ${manifest.detectors.map(({ name }) => name).join(', ')}`,
        `${budget} false alarms per asset and week`,
    ].join('; ');
}
