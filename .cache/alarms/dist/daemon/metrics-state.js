export {};
//# sourceMappingURL=metrics-state.js.map