/** The yardstick: a process with one MQTT.js subscriber that only parses JSON and counts. */
import mqtt, {} from 'mqtt';
let messages = 0;
let client;
process.on('message', async (order) => {
    const { start } = order;
    if (start !== undefined) {
        client = await mqtt.connectAsync(start.url);
        const { stream } = client;
        if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function')
            stream.setNoDelay(true);
        client.on('message', (_, payload) => {
            if (JSON.parse(payload.toString()) !== null)
                messages++;
        });
        await client.subscribeAsync(start.filter, { qos: start.qos });
    }
    process.send?.({ value: messages });
});
