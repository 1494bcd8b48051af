// The SHA-256 of each released migration. A database that has applied one knows it by its hash: the file never changes again.
export const released: Readonly<Record<string, string>> = {
  '0000_tables': 'b2be7c7a2c654cb00fe4667dbc1d24e8cd890aaefa36b5d56966b197a5bfb85e',
  '0001_functions': 'f4f943db70c63ec136b47e514081aadbb58a1e67f4501f1fb9433d6fd8b30b59',
  '0002_v2_tables': '0d201fbfec3d500833d6f03b9028c3a636e6a484c1b9b701c5a0ea2847e0bc98',
  '0003_v2_functions': '5b973fc33f371d84b54f1e274b074dea531e9187eb7531d9b920e75c6809b0c8',
  '0004_pages': '6b368fa9cc876462343143c586aa45bd73fefcc3a80b1a9c95d698d89049df5b',
  '0005_bounded_functions': '84e6b045d67662dc298ce1869f38b94b6f2646a2a4dc2491a46c9950ac3346cb',
  '0006_fewer_statements': '4a1d8ba9b53108a9092ce36ffeddafd48b9573607852199abb1f8cc2d6406c74',
}
