/** Home Assistant's MQTT discovery: one device an asset, with a problem sensor for each alarm type, and one for the gateway. */
import { gatewayAsset } from '../alarm/asset.js';
import { alarmTypes } from '../alarm/state.js';
const names = {
    'machine-anomaly': 'Machine anomaly',
    'sensor-fault': 'Sensor fault',
    'data-stale': 'No data',
};
/** An empty payload is an alarm that is normal; `value_json` is then undefined. */
const valueTemplate = "{{ 'ON' if value_json is defined and value_json.state in ['active', 'acknowledged'] else 'OFF' }}";
const attributesTemplate = "{{ value_json | tojson if value_json is defined else '{}' }}";
/** Discovery messages of an asset: retained, to be sent once a connection and when Home Assistant says `online` on `<prefix>/status`. */
export function discoveryOf(asset, gateway, prefix, version, topics) {
    const node = `anomalyd_${slug(gateway)}`;
    const ofGateway = asset === gatewayAsset;
    const availability = [topics.state, topics.availability(asset)].map((topic) => ({
        topic,
        value_template: '{{ value_json.state }}',
    }));
    const device = ofGateway
        ? { identifiers: [node], name: gateway, model: 'anomalyd gateway' }
        : { identifiers: [`${node}_${slug(asset)}`], name: asset, model: 'anomalyd asset', via_device: node };
    return (ofGateway ? ['data-stale'] : alarmTypes).map((type) => ({
        topic: `${prefix}/binary_sensor/${node}/${slug(asset)}_${slug(type)}/config`,
        retain: true,
        payload: JSON.stringify({
            name: names[type],
            unique_id: `${node}_${slug(asset)}_${slug(type)}`,
            device_class: 'problem',
            state_topic: topics.alarm(asset, type),
            value_template: valueTemplate,
            json_attributes_topic: topics.alarm(asset, type),
            json_attributes_template: attributesTemplate,
            // Without data the machine's state is unknown, but that there are no data is known well.
            availability: type === 'data-stale' ? availability.slice(0, 1) : availability,
            availability_mode: 'all',
            device,
            origin: { name: 'anomalyd', sw_version: version },
        }),
    }));
}
/** Empties the discovery of an asset: Home Assistant then removes it. */
export function undiscover(messages) {
    return messages.map(({ topic }) => ({ topic, payload: '', retain: true }));
}
/** Discovery topics take letters, digits, `_` and `-` only; what else there is, is spelled out so that names stay apart. */
function slug(name) {
    return name.replace(/[^A-Za-z0-9-]/gu, (char) => (char === '_' ? '__' : `_${char.codePointAt(0)?.toString(16)}_`));
}
//# sourceMappingURL=home-assistant.js.map