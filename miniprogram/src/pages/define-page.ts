/** `Page` with a typed `this` that includes the data and methods of the behaviors. WeChat's types offer that only for components. */
type Behaviors = WechatMiniprogram.Component.BehaviorOption;
type DataOf<Of extends Behaviors> = WechatMiniprogram.Component.MixinData<Of>;
type MethodsOf<Of extends Behaviors> = WechatMiniprogram.Component.MixinMethods<Of>;

export function definePage<Of extends Behaviors, Data extends object, Own extends object>(
  texts: string,
  behaviors: [...Of],
  options: { data: Data } & Own &
    Partial<WechatMiniprogram.Page.ILifetime> &
    ThisType<WechatMiniprogram.Page.Instance<Data & DataOf<Of>, Own & MethodsOf<Of>>>,
): void {
  Page({ ...(options as object), behaviors: [texts, ...behaviors] });
}
