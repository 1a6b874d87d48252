/** `Page` with a `this` that knows what its behaviours bring: WeChat's own types know that of components alone. */
type Behaviours = WechatMiniprogram.Component.BehaviorOption;
type DataOf<Of extends Behaviours> = WechatMiniprogram.Component.MixinData<Of>;
type MethodsOf<Of extends Behaviours> = WechatMiniprogram.Component.MixinMethods<Of>;

export function pageWith<Of extends Behaviours, Data extends object, Own extends object>(
  words: string,
  behaviours: [...Of],
  options: { data: Data } & Own &
    Partial<WechatMiniprogram.Page.ILifetime> &
    ThisType<WechatMiniprogram.Page.Instance<Data & DataOf<Of>, Own & MethodsOf<Of>>>,
): void {
  Page({ ...(options as object), behaviors: [words, ...behaviours] });
}
