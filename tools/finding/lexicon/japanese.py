"""Japanese. It writes no spaces: these are looked for anywhere in a run of its characters, the longest first."""

TABLE = """
user: ユーザー ユーザ 利用者 社員 従業員 アカウント 職員 人 メンバ 同僚 スタッフ さん 誰
group: グループ チーム
member: メンバー 所属 構成員 参加者
list member group: 誰がい メンバー一覧 メンバーを見 グループのメンバー
list group user: 所属グループ どのグループ
list user application: ユーザーのアプリ
list application user: アプリのユーザー アプリの利用者
list user application: 誰が使
add: 追加 加え 入れ 参加 加入 足し
remove: 外す 外し 除外 抜い 抜く 取り除 はずし はずす 除く から削除 脱退
create: 作成 新規 作っ 作る 登録 新しい 発行
create user: 入社 新入社員 採用 新人
update: 変更 更新 修正 編集 直し 書き換 設定 変え
profile: プロフィール プロファイル 属性 部署 役職 氏名 名前 姓 電話 電話番号 所属部署 情報 肩書 上司
update profile: 異動 改姓 昇進
email: メール メールアドレス
delete: 削除 消す 消し 抹消
deactivate: 無効化 無効 使えなく 停用
deactivate user: 退職 解雇 離職 辞め オフボーディング
activate: 有効化 有効 アクティブ化 再開
suspend: 一時停止 停止 凍結 利用停止 サスペンド 止め 休職 ブロック
unsuspend: 停止解除 解除 再開 一時停止を解除 停止を解除 復帰 凍結を解除 凍結解除 サスペンド解除 復職
unlock: ロック解除 ロックを解除 ロックアウト
suspend: ~ロック
unlock: ~ロック
password: パスワード 暗証番号
reset: リセット 再設定 初期化
expire: 期限切れ 失効
factor: 多要素認証 二要素認証 認証要素 認証 認証器 要素
whole factor: すべての要素 全ての要素
verify user: 本人確認 プッシュ
grant: 同意
session: セッション
clear session: サインアウト ログアウト セッションを終了
application: アプリ アプリケーション ソフト
assign: 割り当て 割当 割り当 付与 使えるように ~アクセス権 与え
unassign: アクセス権を取り消 権を取り消 使えなくする 割り当て解除 割り当てを解除 割り当てを外 取り上げ
unassign: 割当解除 割り当てを削除 剥奪 アプリを外
role: ロール 役割 権限
administrator: 管理者
summarize: 集計 統計
log: ログ 監査 監査ログ システムログ イベント
search: 検索 探し 探す 見つけ 全員 すべて
lookup: 情報 見る 見たい 詳細 調べ 確認 見せ 表示 参照 照会 状態 教え
list: 一覧 リスト 列挙 見せ 表示
count: 何人 人数 数え 件数
export: エクスポート 出力 ダウンロード
undo: 元に戻 取り消 取消 やり直 戻し
list change: 変更履歴 履歴 変更一覧 変更の一覧 誰が変更
device: デバイス 端末 パソコン
rule: ルール 規則
preview: プレビュー シミュレーション
review access: レビュー 棚卸 見直し
policy: ポリシー
zone: ゾーン ネットワーク
owner: 所有者 オーナー
token: トークン
risk: リスク
explain access: アクセスの理由
list application group: アプリのグループ
explain access: アクセスできるのか アクセスの理由 なぜアプリ
explain sign_in: サインインできない ログインできない サインインできません ログインできません
sign_in: サインイン ログイン
resend: 再送 再送信
activation: アクティベーション 招待
verify: 本人確認
domain: ドメイン
directory: ディレクトリ
workflow: ワークフロー
schema: 属性 属性の一覧 カスタム属性
segment: 次の部分 パート
user: この人 インターン 派遣 退職者 契約社員 相手 方の さん名簿 名簿
count: 何名 総数 人数 何人
summarize: 集計 要約 まとめ 統計 概要 件数
export: ファイル 書き出 書き出し 出力
segment: 続き 次の パート
segment export: エクスポートの続き ファイルの続き
session: すべての端末 全端末 全ての端末
clear session: 強制ログアウト
expire: 次回 期限
reset: 忘れ
reset factor: 紛失 なくし
factor: スマホ 携帯 二段階認証 ワンタイム
whole factor: 全部 すべて 全て
unlock: ロックされ
delete: 完全に 永久
deactivate: 使えない
unsuspend: 一時停止を解除 復帰
resend: もう一度 再度
activation: ウェルカム
resend activation: 届いていない 届かない 届いてい
verify: 本人 なりすまし 電話の相手
group: 部門
update group: グループ名を変更 グループ名
owner: 責任者
review: 棚卸し
search: 含む 始まる ありますか 探して
rule: 自動
preview: したら すると 試す
application: ツール
role administrator: 管理者権限
explain: なぜ 原因 理由 どうして
explain sign_in: できない できません 入れない
log: 失敗 記録 昨日 ログ 先週
log: 不審
explain access: どこから
change: ここで このツール このサーバー 行った
undo: 元に戻して 戻す
schema: 項目 フィールド
grant: OAuth 許可
enroll: 登録されて
access: アクセス権 アクセス
search user: 働いて 勤務
lookup user: 最終ログイン 最後にログイン
create user: 入社する 入社
unlock: ロックを外
assign: 使わせ 使えるようにし
explain: エラー
user: 部長 課長 担当者
list change: 何を変更 操作履歴
change: 操作
"""

STOP = """
お願い 下さい 今日 明日 今 私 社内 会社 方法 現在 場合 必要 人々 様 前 後 中 的 時
日 月 年 何 これ それ どの こと もの して ください
いる います している 知り ある ほしい たい 欲しい 全体 東京 大阪 名 今週 先週 今月 昨日 朝 夜 週 週間 時間 分 間
"""

QUESTIONS = ""
REQUESTS = "ください 下さい もらえ いただけ てくれ"

WANTED = """
group: どのグループ グループを教え グループを見せ グループの一覧 グループ一覧 グループを検索 グループを探
group: グループは何 所属グループ
application: どのアプリ アプリを教え アプリを見せ アプリの一覧 アプリ一覧 アプリを検索 アプリを探 アプリは何 アプリは
user: 誰が 誰です 人の一覧 ユーザー一覧 ユーザーの一覧 メンバー一覧 メンバーの一覧 社員を検索 人を教え 人の一覧
owner: 所有者は オーナーは
rule: ルールの一覧 ルール一覧 ルールを教え
factor: どの多要素 要素の一覧 どの認証
role: どのロール どの権限
"""
"""By the kind of what is wanted, how it is asked for."""
